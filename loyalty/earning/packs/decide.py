"""Taking a pack, and which packs work for an event."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from loyalty.earning.chain import Multiplier
from loyalty.earning.packs.commands import TakePack
from loyalty.earning.packs.meters import left_in, name_of, taken_in, working_on
from loyalty.earning.packs.outcomes import PackInUse, PackLimitReached, PackNotForTier, PackTaken, UnknownPack
from loyalty.earning.packs.rule import Pack
from loyalty.earning.rules.values import fraction
from loyalty.engine.outcomes import Outcome, Refusal
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey
from loyalty.programme.rules import RuleSet
from loyalty.shown.decide import shown_as
from loyalty.shown.outcomes import PriceChanged
from loyalty.tiers.rows import member_tier


def meters_of(command: TakePack, rules: RuleSet, day: date) -> Sequence[MeterKey]:
    """The meters that taking a pack reads or counts in."""
    pack = rules.packs_by_id.get(command.pack)
    return [] if pack is None else [taken_in(pack, day), *working_on(pack, day)]


def decide_take(wallet: Wallet, command: TakePack, scene: Scene[RuleSet]) -> Outcome:
    """Take the price, and let the pack work from this day on."""
    pack = scene.rule.packs_by_id.get(command.pack)
    if pack is None:
        return UnknownPack()
    if refusal := _refusal(wallet, command, pack, scene):
        return refusal
    until = scene.day + timedelta(days=pack.days)
    if pack.price_points:
        wallet.spend(pack.price_points, "pack", {"pack": pack.id, "name": pack.name})
    wallet.count(taken_in(pack, scene.day))
    wallet.count(left_in(pack, until), pack.points)
    return PackTaken(pack.id, pack.name, until, pack.points, pack.price_points, wallet.available)


def _refusal(wallet: Wallet, command: TakePack, pack: Pack, scene: Scene[RuleSet]) -> Refusal | None:
    if pack.tier is not None and member_tier(wallet, scene).id not in pack.tier:
        return PackNotForTier(pack.name, tuple(one.name for one in scene.rule.tiers if one.id in pack.tier))
    if left := sum(wallet.meter(key) for key in working_on(pack, scene.day)):
        return PackInUse(pack.name, left)
    if wallet.meter(taken_in(pack, scene.day)) >= pack.per_year:
        return PackLimitReached(pack.name, pack.per_year)
    sent = command.price_points in (None, pack.price_points)
    if not sent or not shown_as(wallet, command, scene, str(pack.price_points)):
        return PriceChanged(pack.price_points, pack.name)
    if pack.price_points > wallet.available:
        return NotEnoughPoints(needed=pack.price_points, available=wallet.available)
    return None


def working(wallet: Wallet, packs: Iterable[Pack], day: date) -> Iterator[Multiplier]:
    """The factors of those of the packs that the member has, and that work on a day."""
    for pack in packs:
        if points_left(wallet, pack, day):
            yield Multiplier(name_of(pack.id), fraction(pack.multiply))


def points_left(wallet: Wallet, pack: Pack, day: date) -> int:
    """The points that the member's packs of this kind may still bring on a day."""
    return sum(wallet.meter(key) for key in working_on(pack, day))


def use_up(wallet: Wallet, pack: Pack, day: date, points: int) -> None:
    """Count the points that packs brought, from those that end first."""
    for key in working_on(pack, day):
        used = min(points, wallet.meter(key))
        if used > 0:
            wallet.count(key, -used)
            points -= used
