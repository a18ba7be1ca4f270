"""Warning the inactive and forfeiting their points, in the second ledger."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.expiry.inactivity.commands import ForfeitInactive, WarnInactive
from loyalty.expiry.inactivity.outcomes import InactivityWarned, PointsForfeited
from loyalty.expiry.inactivity.rule import InactivityRule
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Move, Sheet

ONE_DAY: Final = timedelta(days=1)


@dataclass
class Warned:
    """The day of the warning of each silence."""

    days: dict[date, date] = field(default_factory=dict)


def _away_since(rule: InactivityRule, seen_on: date) -> date:
    """So many months after the last visit, or the end of a month that is too short."""
    month = seen_on.year * 12 + seen_on.month - 1 + rule.months
    first, following = (date(one // 12, one % 12 + 1, 1) for one in (month, month + 1))
    return min(first + (seen_on.day - 1) * ONE_DAY, following - ONE_DAY)


def _warn(member: Member, command: WarnInactive, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    rule, seen, today = scene.version.rules.expiry.inactivity, member.seen_on, scene.today
    if rule is None or seen != command.silent_since or not sheet.spendable:
        return NothingDue()
    away = _away_since(rule, seen)
    if today < away - rule.warn_days * ONE_DAY or seen in member.of(Warned).days:
        return NothingDue()
    made.tells.append(("inactivity", str(seen)))
    made.learn.append(lambda one: one.of(Warned).days.update({seen: today}))
    return InactivityWarned(seen, today, sheet.spendable, max(away, today + rule.warn_days * ONE_DAY))


def _forfeit(member: Member, command: ForfeitInactive, scene: Scene, sheet: Sheet, _: Prediction) -> Outcome:
    rule, seen, points = scene.version.rules.expiry.inactivity, member.seen_on, sheet.spendable
    warned_on = member.of(Warned).days.get(command.silent_since)
    if rule is None or seen != command.silent_since or not points or warned_on is None:
        return NothingDue()
    if scene.today < max(_away_since(rule, seen), warned_on + rule.warn_days * ONE_DAY):
        return NothingDue()
    for day, lot in sheet.lots.items():
        sheet.lots[day] = lot._replace(remaining=0, forfeited=lot.forfeited + lot.remaining)
    sheet.moves.append(Move("available", "forfeited", points, "forfeited", None))
    return PointsForfeited(seen, points)


def _ask_to_warn(now: Situation) -> WarnInactive:
    since = now.member.seen_on
    return WarnInactive(**now.job, request_key=f"job:warn_inactive|{since}", silent_since=since)


def _ask_to_forfeit(now: Situation) -> ForfeitInactive:
    since = now.dice.choice((now.member.seen_on, now.member.seen_on, now.today - 90 * ONE_DAY))
    return ForfeitInactive(**now.job, request_key=f"job:forfeit_inactive|{since}", silent_since=since)


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            WarnInactive,
            _warn,
            fact=lambda command, _: ("warn_inactive", str(command.silent_since)),
            chosen=lambda command: (command.silent_since,),
        ),
        Expected(
            ForfeitInactive,
            _forfeit,
            fact=lambda command, _: ("forfeit_inactive", str(command.silent_since)),
            chosen=lambda command: (command.silent_since,),
        ),
    ),
    asks=(
        AskKind("warn_inactive", WarnInactive, _ask_to_warn, share=2),
        AskKind("forfeit", ForfeitInactive, _ask_to_forfeit, share=2),
    ),
)
