"""Daily sign-in: once per business day, with bonuses for days in a row."""

from datetime import timedelta

from loyalty.checkin.cap import within_cap
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn, DayPassed
from loyalty.checkin.rows import CHECK_INS, LAST_CHECK_IN, CheckInRow
from loyalty.checkin.rule import CheckInRule
from loyalty.engine.outcomes import Outcome
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet


def decide(wallet: Wallet, _: CheckIn, scene: Scene[CheckInRule]) -> Outcome:
    """Sign in for the business day of the scene. An earlier day than the last one is refused, so that no stored streak changes."""
    day, rule, last = scene.day, scene.rule, scene.recall(LAST_CHECK_IN)
    if last is not None and last.day == day:
        return _already(wallet, last, rule)
    if last is not None and last.day > day:
        return DayPassed(day=day)
    streak = last.streak + 1 if last is not None and last.day == day - timedelta(days=1) else 1
    points = within_cap(wallet, rule, day, rule.award(streak)[0])
    bonus = max(points - rule.points, 0)
    detail = {"day": day.isoformat(), "streak": streak}
    if points:
        wallet.grant(points - bonus, "check_in", detail, scene.lapse_day)
    if bonus:
        wallet.grant(bonus, "check_in_bonus", detail, scene.lapse_day)
    wallet.writes.add(CHECK_INS, CheckInRow(day, streak, points))
    next_bonus, next_in = rule.next_bonus(streak) or (None, None)
    return CheckedIn(day, streak, points, bonus, wallet.available, next_bonus, next_in)


def _already(wallet: Wallet, stored: CheckInRow, rule: CheckInRule) -> AlreadyCheckedIn:
    next_bonus, next_in = rule.next_bonus(stored.streak) or (None, None)
    return AlreadyCheckedIn(stored.day, stored.streak, stored.points, wallet.available, next_bonus, next_in)
