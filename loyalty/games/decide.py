"""The lucky wheel: pay, roll by the committed seed, give the prize, or its published substitute if its pool is empty."""

from collections.abc import Mapping
from typing import NamedTuple

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.engine.rules import RulesChanged, SharedRowsDue, SharedRowSealed
from loyalty.engine.scene import Scene
from loyalty.engine.transactions import EngineUnavailable
from loyalty.games import fairness
from loyalty.games.commands import Draw
from loyalty.games.outcomes import DrawLimitReached, Drawn, DrawnPrize, OddsChanged, UnknownWheel
from loyalty.games.rows import DRAWS, LAST_NONCE, OPEN_ROUNDS, DrawRow, Round, draws_of
from loyalty.games.rule import Prize, Wheel, prize_pool
from loyalty.ledger.wallet import Wallet
from loyalty.programme.tickets import tickets_of
from loyalty.shown.decide import shown_as
from loyalty.shown.outcomes import PriceChanged
from loyalty.tiers.limits import tier_refusal
from loyalty.vouchers.issue import Voucher, first_day, issue

WheelScene = Scene[Mapping[str, Wheel]]


class SeedSealed(EngineUnavailable, SharedRowSealed):
    """The seed of the wheel's open round is sealed with a key that this process does not have."""


class _Dice(NamedTuple):
    """An open round and its seed."""

    round_id: int
    seed: bytes


def decide(wallet: Wallet, command: Draw, scene: WheelScene) -> Outcome:
    """Make all draws of the command or none: the daily limit and the whole price are checked before the first roll.

    Raises RulesChanged if the wheel has no open round on the wheel of the rules at hand, SharedRowsDue if its round is over, and
    SeedSealed if its seed cannot be read.
    """
    wheel, round_ = scene.rule.get(command.wheel), scene.shared(OPEN_ROUNDS).get(command.wheel)
    if wheel is None:
        return UnknownWheel(command.wheel)
    if refused := tier_refusal(wallet, scene, wheel.tiers):
        return refused
    if round_ is None or round_.odds_version != wheel.odds_version:
        raise RulesChanged(wheel.id)
    if round_.is_over:
        raise SharedRowsDue(wheel.id)
    as_shown = command.odds_version in (None, wheel.odds_version)
    if not as_shown or not shown_as(wallet, command, scene, wheel.odds_version):
        return OddsChanged(wheel.id, wheel.odds_version)
    drawn_today = wallet.meter(draws_of(wheel.id, scene.day))
    left = max(wheel.draws_per_day - drawn_today, 0)
    if command.count > left:
        return DrawLimitReached(limit=wheel.draws_per_day, left=left)
    tickets = wallet.meter(tickets_of(wheel.id))
    costs, used = prices(wheel, drawn_today, command.count, tickets)
    if command.price_points not in (None, sum(costs)):
        return PriceChanged(sum(costs), f"{wheel.name}抽 {command.count} 次")
    if sum(costs) > wallet.available:
        return NotEnoughPoints(needed=sum(costs), available=wallet.available)
    wallet.count(draws_of(wheel.id, scene.day), command.count)
    if used:
        wallet.count(tickets_of(wheel.id), -used)
    dice = _Dice(round_.id, _seed(round_))
    spins = tuple(_spin(wallet, command, scene, wheel, dice, line, cost) for line, cost in enumerate(costs))
    gone = _gone(wheel, scene, wallet)
    return Drawn(wheel.id, spins, sum(costs), wallet.available, wallet.rule_version, gone, used)


def _seed(round_: Round) -> bytes:
    if round_.server_seed is None:
        raise SeedSealed(f"the seed of round {round_.id} cannot be unsealed")
    return round_.server_seed


def prices(wheel: Wheel, drawn_today: int, count: int, tickets: int) -> tuple[list[int], int]:
    """The price of each of the next draws, and how many `tickets` pay for some: first the free ones of the day, then tickets."""
    free = min(max(wheel.free_per_day - drawn_today, 0), count)
    used = min(tickets, count - free) if wheel.cost_points else 0
    return [0] * (free + used) + [wheel.cost_points] * (count - free - used), used


def _spin(
    wallet: Wallet, command: Draw, scene: WheelScene, wheel: Wheel, dice: _Dice, line: int, cost: int
) -> DrawnPrize:
    if cost:
        wallet.spend(cost, "draw", {"wheel": wheel.id, "name": wheel.name})
    nonce = scene.recall(LAST_NONCE) + line + 1
    roll = fairness.roll(dice.seed, dice.round_id, wallet.member_id, command.client_seed, nonce)
    candidate = wheel.prize_at(roll)
    odds = wheel.odds_now(_gone(wheel, scene, wallet))
    prize = _in_stock(wheel, candidate, scene, wallet)
    voucher = _award(wallet, command, scene, wheel, prize, line)
    row = DrawRow(
        round_id=dice.round_id, nonce=nonce, wheel=wheel.id, day=scene.day, line=line, client_seed=command.client_seed,
        roll=roll, candidate=candidate.id, prize=prize.id, prize_name=prize.name, level=prize.level, slot=prize.slot,
        won=prize.won, took_stock=prize.stock is not None, points=prize.points, cost_points=cost,
        odds_version=wheel.odds_version,
    )  # fmt: skip
    wallet.writes.add(DRAWS, row)
    return DrawnPrize(
        dice.round_id,
        nonce,
        prize.id,
        prize.name,
        prize.kind,
        prize.level,
        prize.slot,
        prize.points,
        voucher,
        odds[prize.id],
    )


def _gone(wheel: Wheel, scene: WheelScene, wallet: Wallet) -> tuple[str, ...]:
    """The prizes that are out for this command now."""
    return tuple(
        prize.id
        for prize in wheel.limited
        if scene.pools.short_of(prize_pool(wheel.id, prize.id), 1, wallet.writes) is not None
    )


def _in_stock(wheel: Wheel, candidate: Prize, scene: WheelScene, wallet: Wallet) -> Prize:
    if candidate.stock is None:
        return candidate
    item = prize_pool(wheel.id, candidate.id)
    if scene.pools.short_of(item, 1, wallet.writes) is None:
        wallet.writes.pools[item] += 1
        return candidate
    return wheel.prize(candidate.substitute or "")


def _award(
    wallet: Wallet, command: Draw, scene: WheelScene, wheel: Wheel, prize: Prize, line: int
) -> str | None:
    if prize.kind == "points":
        detail = {"wheel": wheel.id, "name": wheel.name, "prize": prize.name, "level": prize.level}
        wallet.grant(prize.points, "prize", detail, scene.lapse_day)
    if prize.kind != "voucher":
        return None
    voucher = Voucher("draw", prize_pool(wheel.id, prize.id), prize.name, prize.terms, prize.valid_days)
    return issue(wallet, voucher, command.entropy, line, first_day(wallet, scene)).voucher_code
