"""Signing in, in the second ledger."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn, DayPassed
from loyalty.checkin.rule import CheckInRule
from loyalty.engine.outcomes import Outcome
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Rows
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet


@dataclass
class SignIns:
    """A member's signed days, each with the streak it was signed with and its points."""

    days: dict[date, tuple[int, int]] = field(default_factory=dict)
    last: date | None = None
    paid: Counter[date] = field(default_factory=Counter)

    def in_a_row(self, day: date) -> int:
        """How many signed days in a row end with `day`, counted one by one; mended days count as well."""
        count = 0
        while day - timedelta(days=count) in self.days:
            count += 1
        return count


def bonus_of(rule: CheckInRule, streak: int) -> int:
    """What the `streak`-th day in a row pays on top."""
    place = streak % rule.cycle_days or rule.cycle_days
    return {step.streak: step.bonus for step in rule.ladder}.get(place, 0)


def capped(signed: SignIns, rule: CheckInRule, day: date, points: int) -> int:
    """What the cap of a day leaves of the points."""
    return min(points, max((rule.most_per_day or 10**9) - signed.paid[day], 0))


def _next_bonus(rule: CheckInRule, streak: int) -> tuple[int | None, int | None]:
    for ahead in range(1, rule.cycle_days + 1):
        if bonus := bonus_of(rule, streak + ahead):
            return bonus, ahead
    return None, None


def _check_in(member: Member, command: CheckIn, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    rule, day, signed = scene.version.rules.check_in, scene.day, member.of(SignIns)
    last = signed.last
    if last == day:
        streak, points = signed.in_a_row(day), signed.days[day][1]
        return AlreadyCheckedIn(day, streak, points, sheet.spendable, *_next_bonus(rule, streak))
    if last is not None and day < last:
        return DayPassed(day)
    streak = signed.in_a_row(last) + 1 if last is not None and day - last == timedelta(days=1) else 1
    points = capped(signed, rule, day, rule.points + bonus_of(rule, streak))
    bonus = max(points - rule.points, 0)
    if points:
        sheet.grant(points - bonus, "check_in", scene.lapse_day)
    if bonus:
        sheet.grant(bonus, "check_in_bonus", scene.lapse_day)

    def sign(one: Member) -> None:
        signed = one.of(SignIns)
        signed.days[day], signed.last = (streak, points), day
        signed.paid[day] += points if rule.most_per_day else 0

    made.learn.append(sign)
    return CheckedIn(day, streak, points, bonus, sheet.spendable, *_next_bonus(rule, streak))


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(CheckIn, _check_in, fact=lambda command, day: ("check_in", str(day)), explains_repeats=True),
    ),
    asks=(AskKind("check_in", CheckIn, lambda now: CheckIn(**now.common), share=30, together=True),),
    rows=(
        Rows(
            "sign-ins",
            "SELECT member_id, day, streak, points FROM check_in",
            lambda member: ((day, *fact) for day, fact in member.of(SignIns).days.items()),
        ),
    ),
)
