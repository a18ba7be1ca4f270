"""The rows of vouchers: redemptions, and the directory of voucher codes that points to them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from loyalty.engine.command import DatedCommand
from loyalty.engine.lots_used import lots_used, shares_used
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.ledger.lots import Lot, LotKey
from loyalty.ledger.writes import Table, Update

SELECT_REDEMPTIONS = """
SELECT r.member_id, r.receipt_no, r.line, r.source, r.item, r.name, r.quantity, r.took_stock, r.points, r.state, r.expires_on,
    r.terms, r.cancellable_until, r.closed_at, r.used_by, r.store
FROM unnest($1::bigint[], $2::bigint[], $3::int[]) AS a(member_id, receipt_no, line)
JOIN redemption r ON r.member_id = a.member_id AND r.receipt_no = a.receipt_no AND r.line = a.line
"""
CANCEL = """
UPDATE redemption r SET state = 'cancelled', closed_at = u.closed_at
FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::timestamptz[]) AS u(member_id, receipt_no, line, closed_at)
WHERE r.member_id = u.member_id AND r.receipt_no = u.receipt_no AND r.line = u.line
"""


USE = """
UPDATE redemption r SET state = 'used', closed_at = u.closed_at, used_by = u.used_by, store = u.store
FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::timestamptz[], $5::text[], $6::text[])
    AS u(member_id, receipt_no, line, closed_at, used_by, store)
WHERE r.member_id = u.member_id AND r.receipt_no = u.receipt_no AND r.line = u.line
"""


class StoredRedemption(NamedTuple):
    """A stored redemption, and the lots that paid for it.

    Its member may cancel it until `cancellable_until`; None: never. `used_by` and `store` are known of a used one.
    """

    receipt_no: int
    line: int
    source: str
    item: str
    name: str
    quantity: int
    took_stock: bool
    points: int
    state: str
    expires_on: date
    terms: str
    cancellable_until: datetime | None
    closed_at: datetime | None
    used_by: str | None
    store: str | None
    paid_from: tuple[tuple[LotKey, int], ...]


class RedemptionRow(NamedTuple):
    """A new voucher, redeemed or won; a `source` is `redeem`, `draw` or `unlock`; a `carried` one came with a merged member."""

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
    carried: bool = False


class VoucherRow(NamedTuple):
    """A voucher code, and the line of its redemption within the receipt."""

    code: str
    line: int


class CancelledRow(NamedTuple):
    """The redemption to cancel, and when."""

    receipt_no: int
    line: int
    closed_at: datetime


class UsedRow(NamedTuple):
    """The redemption whose voucher was used, when, by which clerk, and in which store, if that is known."""

    receipt_no: int
    line: int
    closed_at: datetime
    used_by: str
    store: str | None


def _named(request: ReadRequest) -> tuple[list[int], list[int], list[int]]:
    """Members, receipts and lines of the redemptions that the commands name by `receipt_no` and `line`."""
    commands: list[Any] = [one.command for one in request.commands]
    return request.members, [one.receipt_no for one in commands], [one.line for one in commands]


async def _redemptions(request: ReadRequest) -> Mapping[int, StoredRedemption | None]:
    members, receipts, lines = _named(request)
    paid = await shares_used(request.connection, members, receipts, "spent")
    rows = await request.connection.fetch(SELECT_REDEMPTIONS, members, receipts, lines)
    return {row[0]: StoredRedemption._make((*row[1:], paid.get(row[0], ()))) for row in rows}


async def _used_lots(request: ReadRequest) -> Mapping[int, Sequence[Lot]]:
    members, receipts, _ = _named(request)
    return await lots_used(request.connection, members, receipts, "spent")


REDEMPTIONS: Final = Table(
    "redemption",
    RedemptionRow,
    stamps={"receipt_no": "receipt_no", "rule_version": "rule_version", "created_at": "posted_at"},
    mutable=("state", "closed_at", "used_by", "store"),
    key=("receipt_no", "line"),
    begins={"state": "issued"},
)
VOUCHER_CODES: Final = Table("voucher_code", VoucherRow, mutable=("member_id", "receipt_no", "line"))
CANCEL_REDEMPTIONS: Final = Update(
    CANCEL, CancelledRow, table=REDEMPTIONS, sets={"state": "cancelled"}, since="closed_at"
)
USE_VOUCHERS: Final = Update(USE, UsedRow, table=REDEMPTIONS, sets={"state": "used"}, since="closed_at")


def _redemption_in(past: Past, one: DatedCommand, _: object) -> StoredRedemption | None:
    command: Any = one.command
    row = past.rows[REDEMPTIONS].get((command.receipt_no, command.line))
    if row is None:
        return None
    facts = {name: row[name] for name in StoredRedemption._fields if name != "paid_from"}
    return StoredRedemption(**facts, paid_from=tuple(past.lots_that_paid(command.receipt_no)))


def _used_lots_in(past: Past, one: DatedCommand, _: object) -> Sequence[Lot]:
    command: Any = one.command
    return [past.lots[key] for key, _ in past.lots_that_paid(command.receipt_no)]


REDEMPTION: Final = Read[StoredRedemption | None](
    "the redemption that the command names", _redemptions, None, fold=_redemption_in
)
USED_LOTS: Final = Read[Sequence[Lot]]("the lots that paid for it", _used_lots, (), fold=_used_lots_in)
