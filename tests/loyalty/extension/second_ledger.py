"""Extensions in the second ledger. Lots lapse on the first of a month, extended ones on the eleventh, which tells them apart."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.expiry.extension.commands import ExtendPoints
from loyalty.expiry.extension.outcomes import (
    AlreadyExtended,
    ExtensionsOff,
    NothingToExtend,
    PointsExtended,
    TooEarlyToExtend,
)
from loyalty.shown.outcomes import PriceChanged
from tests.loyalty.shown.second_ledger import seen_as
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Lot, Member, Move, Sheet


def _extend(member: Member, command: ExtendPoints, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    rule, day = scene.version.rules.expiry.extension, command.expires_on
    if rule is None:
        return ExtensionsOff()
    if day in member.put_off:
        return AlreadyExtended(day)
    days_left, price = (day - scene.today).days, rule.price_points or 0
    if days_left > rule.within_days:
        return TooEarlyToExtend(day, day - timedelta(days=rule.within_days))
    gone, lot = days_left <= 0, sheet.lots.get(day, Lot())
    points = (lot.expired if gone else lot.remaining) if day.day == 1 else 0
    too_late = gone and -days_left >= rule.late_days
    if too_late or points <= price or days_left + rule.days <= 0:
        return NothingToExtend(day)
    seen = seen_as(member, command, "extension", str(price), made)
    if price and not (seen if command.as_shown else command.price_points == price):
        return PriceChanged(price, "延期")
    held = sheet.spendable + (max(points - sheet.debt, 0) if gone else 0)
    if price > held:
        return NotEnoughPoints(price, held)
    to = day + timedelta(days=rule.days)
    later, left = sheet.lots.get(to, Lot()), 0 if gone else points
    sheet.lots[day] = lot._replace(
        granted=lot.granted - points,
        remaining=lot.remaining - left,
        expired=lot.expired - points + left,
    )
    sheet.lots[to] = later._replace(granted=later.granted + points, remaining=later.remaining + points)
    if gone:
        sheet.moves.append(Move("expired", "available", points, "points_revived", to))
        sheet.repay()
    if price:
        sheet.spend(price, "extension")
    made.learn.append(lambda one: one.put_off.update({day: to}))
    return PointsExtended(day, to, points, price, sheet.spendable)


def _ask(now: Situation) -> ExtendPoints:
    """Mostly a day on which points of the member lapse, at the price of the rules; now and then another day or price."""
    days = sorted(now.member.lots) or [now.today]
    day = now.dice.choice([*days, now.today + timedelta(days=now.dice.choice((-40, 0, 9)))])
    if now.dice.random() < 0.3:
        return ExtendPoints(**now.common, expires_on=day, as_shown=True)
    return ExtendPoints(**now.common, expires_on=day, price_points=now.dice.choice((3, 3, 3, None, 7)))


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            ExtendPoints,
            _extend,
            fact=lambda command, _: ("extend", str(command.expires_on)),
            chosen=lambda command: (command.expires_on, command.price_points),
            otherwise=lambda earlier: replace(earlier, expires_on=earlier.expires_on - timedelta(days=1)),
            explains_repeats=True,
        ),
    ),
    asks=(AskKind("extend", ExtendPoints, _ask, share=4),),
)
