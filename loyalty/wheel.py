"""The lucky wheel: pay, roll by the committed seed, give the prize or, where its stock ran out, the published substitute."""

from datetime import datetime, timedelta

from loyalty import fairness
from loyalty.calendar import expires_on
from loyalty.commands import Draw
from loyalty.facts import DrawRow, RedemptionRow, VoucherRow
from loyalty.live import LiveRules
from loyalty.outcomes import Outcome
from loyalty.refusals import DrawLimitReached, NotEnoughPoints, UnknownWheel
from loyalty.results import Drawn, DrawnPrize
from loyalty.rules import Prize, Wheel
from loyalty.stock import Round, Stock, TableMoved, prize_item
from loyalty.vouchers import voucher_code
from loyalty.wallet import Wallet


def decide(wallet: Wallet, command: Draw, live: LiveRules, stock: Stock, at: datetime) -> Outcome:
    """All draws of the command or none: the limit and the whole price are looked at before the first roll.

    Raises TableMoved rather than roll by one table in the round of another.
    """
    wheel, round_ = live.rules.wheel(command.wheel), stock.rounds.get(command.wheel)
    if wheel is None:
        return UnknownWheel(command.wheel)
    if round_ is None or round_.odds_version != wheel.odds_version:
        raise TableMoved(wheel.id)
    drawn_today = wallet.memories.draws_today.get(wheel.id, 0)
    left = max(wheel.draws_per_day - drawn_today, 0)
    if command.count > left:
        return DrawLimitReached(limit=wheel.draws_per_day, left=left)
    costs = [price(wheel, drawn_today + spin) for spin in range(command.count)]
    if sum(costs) > wallet.available:
        return NotEnoughPoints(needed=sum(costs), available=wallet.available)
    spins = tuple(
        _spin(wallet, command, live, stock, at, wheel, round_, line, cost) for line, cost in enumerate(costs)
    )
    return Drawn(wheel.id, spins, sum(costs), wallet.available, live.version)


def price(wheel: Wheel, drawn_today: int) -> int:
    """What the next draw costs a member who has drawn `drawn_today` times today."""
    return 0 if drawn_today < wheel.free_per_day else wheel.cost_points


def _spin(
    wallet: Wallet,
    command: Draw,
    live: LiveRules,
    stock: Stock,
    at: datetime,
    wheel: Wheel,
    round_: Round,
    line: int,
    cost: int,
) -> DrawnPrize:
    if cost:
        wallet.spend(cost, "draw", {"wheel": wheel.id, "name": wheel.name})
    nonce = wallet.memories.last_nonce.get(round_.id, 0) + line + 1
    roll = fairness.roll(round_.server_seed, round_.id, wallet.member_id, command.client_seed, nonce)
    candidate = wheel.prize_at(roll)
    prize = _in_stock(wheel, candidate, stock, wallet)
    voucher = _award(wallet, command, live, at, wheel, prize, line)
    wallet.writes.draws.append(
        DrawRow(
            round_id=round_.id, nonce=nonce, wheel=wheel.id, day=live.day(at), line=line, client_seed=command.client_seed,
            roll=roll, candidate=candidate.id, prize=prize.id, prize_name=prize.name, level=prize.level, slot=prize.slot,
            won=prize.won, took_stock=prize.stock is not None, points=prize.points, cost_points=cost,
            odds_version=wheel.odds_version,
        )
    )  # fmt: skip
    return DrawnPrize(
        round_.id, nonce, prize.id, prize.name, prize.kind, prize.level, prize.slot, prize.points, voucher
    )


def _in_stock(wheel: Wheel, candidate: Prize, stock: Stock, wallet: Wallet) -> Prize:
    if candidate.stock is None:
        return candidate
    item = prize_item(wheel.id, candidate.id)
    if stock.left(item, wallet.writes) > 0:
        wallet.writes.stock[item] += 1
        return candidate
    return wheel.prize(candidate.substitute or "")


def _award(
    wallet: Wallet, command: Draw, live: LiveRules, at: datetime, wheel: Wheel, prize: Prize, line: int
) -> str | None:
    if prize.kind == "points":
        detail = {"wheel": wheel.id, "name": wheel.name, "prize": prize.name, "level": prize.level}
        wallet.grant(prize.points, "prize", detail, expires_on(live.day(at), live.rules.expiry.months))
    if prize.kind != "voucher":
        return None
    code = voucher_code(command.entropy, line)
    void_on = live.day(at) + timedelta(days=prize.valid_days)
    wallet.writes.vouchers.append(VoucherRow(code, line))
    wallet.writes.redemptions.append(
        RedemptionRow(
            line=line, source="draw", item=prize_item(wheel.id, prize.id), name=prize.name, quantity=1, took_stock=False,
            points=0, voucher_code=code, terms=prize.terms, expires_on=void_on,
        )
    )  # fmt: skip
    return code
