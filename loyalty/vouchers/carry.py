"""Vouchers that follow a member who is merged into another, or back.

Each is carried under a receipt of its own, as it was issued under one. The points that paid for it come along as spent points of
the same lots, so that cancelling it returns them as before. The old row stays and says `moved`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter
from typing_extensions import override

from loyalty.engine.carry import Carry, Leave
from loyalty.engine.command import Command, DatedCommand
from loyalty.engine.follow_ups import left_key
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.past import Past
from loyalty.engine.reads import Note, Read, ReadRequest
from loyalty.engine.scene import Scene
from loyalty.ledger.ids import redemption_id
from loyalty.ledger.lots import LOT_COLUMNS, Lot, LotKey, lot_of
from loyalty.ledger.transfers import transfer, transfer_growth
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.words import Sentence
from loyalty.ledger.writes import FollowUp, Update
from loyalty.vouchers.rows import REDEMPTIONS, RedemptionRow

SELECT_OPEN = """
SELECT d.member_id, d.receipt_no, d.line, d.source, d.item, d.name, d.quantity, d.took_stock, d.points, d.voucher_code, d.terms,
    d.expires_on, d.cancellable_until,
    CASE r.command WHEN 'carry_voucher' THEN (r.facts->>'other_id')::bigint WHEN 'return_voucher' THEN (
        SELECT (c.facts->>'other_id')::bigint FROM redemption e
        JOIN receipt c ON c.member_id = e.member_id AND c.no = e.receipt_no AND c.command = 'carry_voucher'
        WHERE e.member_id = d.member_id AND e.voucher_code = d.voucher_code ORDER BY e.receipt_no DESC LIMIT 1
    ) END AS from_id,
    CASE WHEN r.command IN ('carry_voucher', 'return_voucher') THEN (r.facts->>'growth')::bigint END AS growth
FROM redemption d JOIN receipt r ON r.member_id = d.member_id AND r.no = d.receipt_no
WHERE d.member_id = ANY($1::bigint[]) AND d.state = 'issued'
ORDER BY d.member_id, d.receipt_no, d.line
"""
SELECT_PAID = """
SELECT u.member_id, u.receipt_no, u.expires_on, u.opens_on, u.terms, u.amount
FROM unnest($1::bigint[], $2::bigint[]) AS a(member_id, receipt_no)
JOIN lot_use u ON u.member_id = a.member_id AND u.receipt_no = a.receipt_no AND u.kind = 'spent'
ORDER BY u.member_id, u.receipt_no, u.expires_on, u.opens_on, u.terms
"""
SELECT_LOTS = f"SELECT {LOT_COLUMNS} FROM lot WHERE member_id = ANY($1::bigint[])"  # noqa: S608  # no values in the text
MOVE = """
UPDATE redemption r SET state = 'moved', closed_at = u.closed_at
FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::timestamptz[]) AS u(member_id, receipt_no, line, closed_at)
WHERE r.member_id = u.member_id AND r.receipt_no = u.receipt_no AND r.line = u.line
"""
POINT_CODE = """
UPDATE voucher_code c SET member_id = u.member_id, receipt_no = u.receipt_no, line = 0
FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS u(member_id, receipt_no, code) WHERE c.code = u.code
"""


class Carried(NamedTuple):
    """A voucher on its way, with the lots that paid for it; `from_id` is the member with whose merge it came, if it did.

    It is that one's also after it has been with a third member, and came back. `growth` is that of the points which paid for it,
    None for all of them: points of an adjustment have none.
    """

    receipt_no: int
    line: int
    source: str
    item: str
    name: str
    quantity: int
    took_stock: bool
    points: int
    voucher_code: str
    terms: str
    expires_on: date
    cancellable_until: datetime | None
    from_id: int | None
    paid_from: tuple[tuple[LotKey, int], ...] = ()
    growth: int | None = None

    @property
    def paid(self) -> int:
        """The points that paid for it."""
        return sum(amount for _, amount in self.paid_from)


class MovedRow(NamedTuple):
    """The redemption whose voucher has moved to another member, and when."""

    receipt_no: int
    line: int
    closed_at: datetime


class CodeRow(NamedTuple):
    """The code, and the receipt of its redemption."""

    receipt_no: int
    code: str


@dataclass(frozen=True, kw_only=True)
class CarryVoucher(Command):
    """A voucher of the member `other_id` becomes this member's. Runs as a follow-up; `voucher` is a `Carried` as JSON text."""

    name = "carry_voucher"

    other_id: int
    out_no: int
    place: int
    voucher: str

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return self.name, f"{self.other_id}:{self.out_no}:{self.place}"


@dataclass(frozen=True, kw_only=True)
class ReturnVoucher(CarryVoucher):
    """A voucher comes back to this member, whose merge was undone; it waits until their account is open again."""

    name = "return_voucher"
    travels = False


@dataclass(frozen=True)
class VoucherReturned(Result):
    """The voucher is this member's again; it was `was` of the other member."""

    code = "voucher_returned"
    moves_points = False
    other_id: int
    was: str
    name: str
    growth: int | None = None


@dataclass(frozen=True)
class VoucherCarried(Result):
    """The voucher is this member's; it was `was` of the other member."""

    code = "voucher_carried"
    moves_points = False
    other_id: int
    was: str
    name: str
    growth: int | None = None


_CARRIED: Final = TypeAdapter(Carried)


async def _open(request: ReadRequest) -> Mapping[int, tuple[Carried, ...]]:
    found: dict[int, list[Carried]] = defaultdict(list)
    for row in await request.connection.fetch(SELECT_OPEN, request.members):
        one = Carried(*tuple(row)[1:-1])
        found[row["member_id"]].append(one._replace(growth=row["growth"]))
    paid: dict[tuple[int, int], list[tuple[LotKey, int]]] = defaultdict(list)
    # A receipt that drew several vouchers spent points on the draws; only an exchange is paid for by its voucher's points.
    wanted = [(member_id, one.receipt_no) for member_id, some in found.items() for one in some if one.points]
    columns = [member_id for member_id, _ in wanted], [no for _, no in wanted]
    for member_id, no, *key, amount in (
        await request.connection.fetch(SELECT_PAID, *columns) if wanted else ()
    ):
        paid[member_id, no].append((LotKey(*key), amount))
    return {
        member_id: tuple(
            one._replace(paid_from=tuple(paid[member_id, one.receipt_no])) if one.points else one
            for one in some
        )
        for member_id, some in found.items()
    }


async def _lots(request: ReadRequest) -> Mapping[int, Sequence[Lot]]:
    found: dict[int, list[Lot]] = defaultdict(list)
    for row in await request.connection.fetch(SELECT_LOTS, request.members):
        found[row["member_id"]].append(lot_of(row))
    return found


def _lots_in(past: Past, _: DatedCommand, __: object) -> Sequence[Lot]:
    return list(past.lots.values())


LOTS: Final = Read[Sequence[Lot]]("all lots of who gets a voucher", _lots, (), fold=_lots_in)
OPEN: Final = Read[tuple[Carried, ...]](
    "the vouchers that can still be used", _open, (), note=Note("vouchers", TypeAdapter(tuple[Carried, ...]))
)
MOVE_REDEMPTIONS: Final = Update(
    MOVE, MovedRow, table=REDEMPTIONS, sets={"state": "moved"}, since="closed_at"
)
POINT_CODES: Final = Update(POINT_CODE, CodeRow)
SENTENCES: Final[Mapping[str, Sentence]] = {
    "voucher_moved": Sentence(
        lambda facts: f"合并会员：{facts['name']}",
        lambda _: "这张券随会员一起转移，兑换它用掉的积分一并记录，可用积分不变。",
    )
}


def give(wallet: Wallet, scene: Scene[Any], leave: Leave) -> None:
    """Owe each open voucher to the other member; when a merge is undone, those that were carried from them."""
    vouchers = [one for one in scene.recall(OPEN) if one.expires_on > wallet.today]
    if leave.since is not None:
        vouchers = [one for one in vouchers if one.from_id == leave.to]
    command = CarryVoucher.name if leave.since is None else ReturnVoucher.name
    for place, voucher in enumerate(vouchers):
        one = voucher._replace(growth=_growth(wallet, voucher, leave))
        wallet.writes.change(MOVE_REDEMPTIONS, MovedRow(one.receipt_no, one.line, wallet.posted_at))
        _transfer(wallet, one, -1, leave.to)
        payload = {
            "other_id": wallet.member_id, "out_no": wallet.receipt_no, "place": place,
            "voucher": _CARRIED.dump_json(one).decode(),
        }  # fmt: skip
        key = left_key(command, wallet.member_id, f"{wallet.receipt_no}-{place}")
        wallet.writes.follow_ups.append(FollowUp(leave.to, key, command, payload))


def _growth(wallet: Wallet, one: Carried, leave: Leave) -> int:
    """The growth that goes with a voucher: what came with it, or what its points count for, but not more than the giver has."""
    growth = one.paid if one.growth is None else one.growth
    return growth if leave.since is not None else min(growth, max(wallet.account.growth, 0))


def take(_: Wallet, __: Scene[Any], ___: object) -> None:
    """Nothing comes with the merge itself: each voucher comes by a command of its own."""


def decide_carry(wallet: Wallet, command: CarryVoucher, _: Scene[Any]) -> Outcome:
    """Write the voucher under this receipt, with the points that paid for it."""
    one = _CARRIED.validate_json(command.voucher)
    row = RedemptionRow(
        line=0, source=one.source, item=one.item, name=one.name, quantity=one.quantity, took_stock=one.took_stock,
        points=one.points, voucher_code=one.voucher_code, terms=one.terms, expires_on=one.expires_on,
        cancellable_until=one.cancellable_until, carried=True,
    )  # fmt: skip
    wallet.writes.add(REDEMPTIONS, row)
    wallet.writes.change(POINT_CODES, CodeRow(wallet.receipt_no, one.voucher_code))
    _transfer(wallet, one, 1, command.other_id)
    told = VoucherReturned if isinstance(command, ReturnVoucher) else VoucherCarried
    return told(command.other_id, redemption_id(one.receipt_no, one.line), one.name, one.growth)


def _transfer(wallet: Wallet, one: Carried, sign: int, other_id: int) -> None:
    for key, amount in one.paid_from:
        transfer(
            wallet,
            LotKey(*key),
            sign * amount,
            "voucher_moved",
            {"name": one.name, "other_id": other_id},
            of="spent",
        )
    without = one.paid - (one.paid if one.growth is None else one.growth)
    transfer_growth(wallet, -sign * without, "moved_growth", {"other_id": other_id})


CARRY: Final = Carry(give, take, gives_by=(OPEN,))
