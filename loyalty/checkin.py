"""Daily sign-in: once a business day, a streak with a ladder of bonuses; the first one ever qualifies a referral."""

from datetime import datetime, timedelta

from loyalty.calendar import expires_on
from loyalty.commands import CheckIn
from loyalty.facts import CheckInFact, CheckInRow, FollowUp
from loyalty.live import LiveRules
from loyalty.outcomes import Outcome
from loyalty.refusals import AlreadyCheckedIn, DayPassed
from loyalty.results import CheckedIn
from loyalty.stock import Stock
from loyalty.wallet import Wallet


def decide(wallet: Wallet, command: CheckIn, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """Sign in for the business day of `at`; days are signed in order, so that a streak never changes afterwards."""
    day, rule = live.day(at), live.rules.check_in
    last = wallet.memories.last_check_in
    if last is not None and last.day == day:
        return _already(wallet, last, live)
    if last is not None and last.day > day:
        return DayPassed(day=day)
    streak = last.streak + 1 if last is not None and last.day == day - timedelta(days=1) else 1
    points, bonus = rule.award(streak)
    lapse_day = expires_on(day, live.rules.expiry.months)
    detail = {"day": day.isoformat(), "streak": streak}
    wallet.grant(points - bonus, "check_in", detail, lapse_day)
    if bonus:
        wallet.grant(bonus, "check_in_bonus", detail, lapse_day)
    wallet.writes.check_ins.append(CheckInRow(day, streak, points))
    _qualify_referral(wallet, first=last is None)
    next_bonus, next_in = rule.next_bonus(streak) or (None, None)
    return CheckedIn(day, streak, points, bonus, wallet.available, next_bonus, next_in)


def _already(wallet: Wallet, fact: CheckInFact, live: LiveRules) -> AlreadyCheckedIn:
    next_bonus, next_in = live.rules.check_in.next_bonus(fact.streak) or (None, None)
    return AlreadyCheckedIn(fact.day, fact.streak, fact.points, wallet.available, next_bonus, next_in)


def _qualify_referral(wallet: Wallet, *, first: bool) -> None:
    referral = wallet.memories.referral
    if first and referral is not None and not referral.qualified:
        wallet.writes.follow_ups.append(
            FollowUp(wallet.member_id, "engine:qualify_referral", "qualify_referral", {})
        )
