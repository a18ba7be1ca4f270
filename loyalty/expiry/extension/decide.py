"""Putting off the day on which points lapse: once, within the days that the rule names, at the price that the member was shown."""

from datetime import date, timedelta

from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.engine.scene import Scene
from loyalty.expiry.extension.commands import ExtendPoints
from loyalty.expiry.extension.outcomes import (
    AlreadyExtended,
    ExtensionsOff,
    NothingToExtend,
    PointsExtended,
    TooEarlyToExtend,
)
from loyalty.expiry.extension.rows import extended
from loyalty.expiry.extension.rule import ExtensionRule
from loyalty.expiry.rule import ExpiryRule
from loyalty.ledger.extending import extend, revive, to_extend
from loyalty.ledger.wallet import Wallet
from loyalty.shown.decide import shown_as
from loyalty.shown.outcomes import PriceChanged

ExpiryScene = Scene[ExpiryRule]


def decide_extend(wallet: Wallet, command: ExtendPoints, scene: ExpiryScene) -> Outcome:
    """Move the points of that lapse day into a lot that lapses later, then take the price, earliest expiry first."""
    rule, day = scene.rule.extension, command.expires_on
    if rule is None:
        return ExtensionsOff()
    if wallet.meter(extended(day)):
        return AlreadyExtended(day)
    if (day - wallet.today).days > rule.within_days:
        return TooEarlyToExtend(day, day - timedelta(days=rule.within_days))
    lapsed = day <= wallet.today
    points = to_extend(wallet, day, lapsed=lapsed)
    if not is_possible(rule, day, points, wallet.today):
        return NothingToExtend(day)
    price = rule.price_points or 0
    back = points - wallet.account.debt if lapsed else 0
    if refusal := _not_payable(wallet, command, price, wallet.available + back, scene):
        return refusal
    return _extend(wallet, rule, day, lapsed=lapsed)


def is_possible(rule: ExtensionRule, day: date, points: int, today: date) -> bool:
    """Whether `points` that lapse or lapsed on `day` can be extended on `today`: they must outlast it, and outweigh the price."""
    days_left = (day - today).days
    in_time = -rule.late_days < days_left <= rule.within_days
    return in_time and points > (rule.price_points or 0) and day + timedelta(days=rule.days) > today


def _extend(wallet: Wallet, rule: ExtensionRule, day: date, *, lapsed: bool) -> PointsExtended:
    to, price = day + timedelta(days=rule.days), rule.price_points or 0
    detail = {"expires_on": day.isoformat(), "extended_to": to.isoformat()}
    points = revive(wallet, day, to, "points_revived", detail) if lapsed else extend(wallet, day, to)
    if price:
        wallet.spend(price, "extension", detail)
    wallet.count(extended(day))
    return PointsExtended(day, to, points, price, wallet.available)


def _not_payable(
    wallet: Wallet, command: ExtendPoints, price: int, available: int, scene: ExpiryScene
) -> Refusal | None:
    agreed = shown_as(wallet, command, scene, str(price)) and (
        command.as_shown or (command.price_points or 0) == price
    )
    if price and not agreed:
        return PriceChanged(price, "延期")
    if price > available:
        return NotEnoughPoints(needed=price, available=max(available, 0))
    return None
