"""Vouchers in the second ledger: what rewards and games both hand out."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from loyalty.engine.outcomes import Outcome
from loyalty.vouchers.commands import UseVoucher
from loyalty.vouchers.outcomes import UnknownVoucher, VoucherNotUsable, VoucherUsed
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Rows, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet, day_of

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Bought(NamedTuple):
    """A voucher: bought (`paid_from` lots, `pieces` of stock of `item`) or won."""

    source: str
    item: str
    name: str
    quantity: int
    points: int
    code: str
    void_on: date
    paid_from: tuple[tuple[date, int], ...]
    pieces: int
    cancellable_until: datetime | None = None
    state: str = "issued"
    used_by: str | None = None
    store: str | None = None


@dataclass
class Vouchers:
    """A member's vouchers by receipt number and line, and when those that are used or cancelled were closed."""

    bought: dict[tuple[int, int], Bought] = field(default_factory=dict)
    closed: dict[tuple[int, int], datetime] = field(default_factory=dict)


def voucher(entropy: bytes, line: int) -> str:
    """Twelve characters of five bits each, lowest first, of SHA-256(entropy ‖ line)."""
    bits = int.from_bytes(hashlib.sha256(entropy + bytes([0, 0, 0, line])).digest()[:8], "big")
    return "".join(ALPHABET[bits // 32**place % 32] for place in range(12))


def void_on(posted_at: datetime, days: int) -> date:
    """The first day on which a voucher is void; one posted in the last hour of a day counts from the next."""
    return day_of(posted_at + timedelta(hours=1)) + timedelta(days=days)


def state_of(bought: Bought, today: date) -> str:
    """The state on a day."""
    return "expired" if bought.state == "issued" and today >= bought.void_on else bought.state


def _use(member: Member, command: UseVoucher, scene: Scene, _: Sheet, made: Prediction) -> Outcome:
    place = (command.receipt_no, command.line)
    bought = member.of(Vouchers).bought.get(place)
    if bought is None:
        return UnknownVoucher(f"{command.receipt_no}-{command.line}")
    if (state := state_of(bought, scene.today)) != "issued":
        closed_at = member.of(Vouchers).closed.get(place)
        return VoucherNotUsable(state, bought.name, bought.void_on, closed_at, bought.used_by, bought.store)

    def keep(one: Member) -> None:
        used = bought._replace(state="used", used_by=command.by, store=command.store)
        one.of(Vouchers).bought[place] = used
        one.of(Vouchers).closed[place] = scene.posted_at

    made.learn.append(keep)
    return VoucherUsed(*place, bought.name, bought.quantity, "", command.by, command.store)


def _ask(now: Situation) -> UseVoucher | None:
    """A clerk takes one of the last vouchers, now and then one that is used, cancelled or nobody's."""
    bought = now.member.of(Vouchers).bought
    if not bought and now.dice.random() < 0.8:
        return None
    receipt_no, line = now.dice.choice([*bought, (99_999, 0)][-6:])
    store = now.dice.choice((None, "one"))
    key = now.common["request_key"].replace(":", ":use:")
    used = UseVoucher(**now.job, request_key=key, receipt_no=receipt_no, line=line, by="clerk", store=store)
    return replace(used, role="clerk", origin="here") if now.dice.random() < 0.5 else used


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            UseVoucher,
            _use,
            fact=lambda command, _: ("use", f"{command.receipt_no}-{command.line}"),
            chosen=lambda command: (command.receipt_no, command.line, command.by, command.store),
            otherwise=lambda earlier: replace(earlier, line=earlier.line + 1),
            explains_repeats=True,
        ),
    ),
    asks=(AskKind("use", UseVoucher, _ask, share=5),),
    rows=(
        Rows(
            "vouchers",
            "SELECT member_id, receipt_no, line, source, item, name, quantity, points, voucher_code, expires_on, took_stock,"
            " cancellable_until, state, used_by, store FROM redemption",
            lambda member: (
                (*place, *bought[:7], bought.pieces > 0, *bought[9:])
                for place, bought in member.of(Vouchers).bought.items()
            ),
        ),
    ),
)
