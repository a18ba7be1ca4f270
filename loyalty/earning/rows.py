"""The rows that events read and write: events, orders with their refunds, what each rule awarded, and whose an id is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from loyalty.earning.commands import RecordEvent, RecordRefund
from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Note, Read, ReadRequest
from loyalty.ledger.lots import LOT_COLUMNS, Lot, lot_of
from loyalty.ledger.writes import Table, Update

SELECT_EVENT_KEYS = """
SELECT k.event, k.source, k.member_id FROM unnest($1::text[], $2::text[]) AS a(event, source)
JOIN event_key k ON k.event = a.event AND k.source = a.source
"""
SELECT_ORDER_KEYS = (
    "SELECT order_no, store, member_id, claim_only FROM order_key WHERE order_no = ANY($1::text[])"
)
SELECT_WAITING = """
SELECT r.member_id, r.receipt_no, r.source, r.event, r.refund_of, r.store, r.amount_fen
FROM order_refund r WHERE r.member_id = ANY($1::bigint[]) AND r.state = 'waiting' ORDER BY r.member_id, r.receipt_no, r.event
"""
PURCHASE_COLUMNS = """p.store, p.order_no, p.receipt_no, p.source, p.event, p.kind, p.day, p.amount_fen, p.terms, p.granted,
    p.refunded_fen, p.reversed"""
SELECT_PURCHASES = f"""
SELECT p.member_id, {PURCHASE_COLUMNS}
FROM unnest($1::bigint[], $2::text[]) AS a(member_id, named)
JOIN purchase p ON p.member_id = a.member_id AND (p.order_no = a.named OR p.event = a.named) AND p.moved_at IS NULL
ORDER BY p.member_id, p.receipt_no
"""  # noqa: S608  # names of our own columns
SELECT_ALL_LOTS = f"SELECT {LOT_COLUMNS} FROM lot WHERE member_id = ANY($1::bigint[])"  # noqa: S608  # no values in the text
REFUND = """
UPDATE purchase p SET refunded_fen = u.refunded_fen, reversed = u.reversed
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
    AS u(member_id, store, order_no, receipt_no, refunded_fen, reversed)
WHERE p.member_id = u.member_id AND p.store = u.store AND p.order_no = u.order_no AND p.receipt_no = u.receipt_no
"""
SETTLE = """
UPDATE order_refund r SET state = u.state, settled_at = u.settled_at, order_store = u.order_store, order_no = u.order_no,
    order_receipt_no = u.order_receipt_no
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::text[], $8::text[], $9::bigint[])
    AS u(member_id, receipt_no, source, event, state, settled_at, order_store, order_no, order_receipt_no)
WHERE r.member_id = u.member_id AND r.receipt_no = u.receipt_no AND r.source = u.source AND r.event = u.event
"""


class EventRow(NamedTuple):
    """An event, with the points that it awarded."""

    source: str
    event: str
    kind: str
    day: date
    store: str | None
    channel: str | None
    order_no: str | None
    amount_fen: int | None
    points: int
    occurred_at: datetime


class EventKeyRow(NamedTuple):
    """The id that a source gave to an event."""

    event: str
    source: str


class AwardRow(NamedTuple):
    """What one rule awarded for an event."""

    rule: str
    day: date
    points: int


class BudgetUseRow(NamedTuple):
    """What an event took from a budget, by the name of its pool."""

    budget: str
    points: int


class PurchaseRow(NamedTuple):
    """An order that was paid for. `terms` says what it is worth after refunds (`terms.Terms`); `granted` the points it brought.

    `refunded_before` was refunded before the order came along with a merged member.
    """

    store: str
    order_no: str
    source: str
    event: str
    kind: str
    day: date
    amount_fen: int
    terms: str
    granted: int
    refunded_fen: int = 0
    reversed: int = 0
    refunded_before: int = 0


class OrderKeyRow(NamedTuple):
    """The number of an order in its store; the store is "" for orders without one.

    A row without a store that is `claim_only` is no order. The first order of a store writes one, because an order of the same
    number without a store would be the same order: the primary key lets one of both be stored.
    """

    order_no: str
    store: str
    claim_only: bool = False


class RefundRow(NamedTuple):
    """A refund: `waiting` for its order, `applied`, `refused` with its order because it was too large, or `moved` by a merge.

    An applied one has the key of its order.
    """

    source: str
    event: str
    refund_of: str
    store: str
    amount_fen: int
    state: str
    order_store: str | None = None
    order_no: str | None = None
    order_receipt_no: int | None = None


class RefundedRow(NamedTuple):
    """A stored order after a refund."""

    store: str
    order_no: str
    receipt_no: int
    refunded_fen: int
    reversed: int


class SettledRow(NamedTuple):
    """A refund that waited, what became of it, and when; the key of its order if it was applied."""

    receipt_no: int
    source: str
    event: str
    state: str
    settled_at: datetime
    order_store: str | None = None
    order_no: str | None = None
    order_receipt_no: int | None = None


class StoredPurchase(NamedTuple):
    """A stored order."""

    store: str
    order_no: str
    receipt_no: int
    source: str
    event: str
    kind: str
    day: date
    amount_fen: int
    terms: str
    granted: int
    refunded_fen: int
    reversed: int

    @property
    def left_fen(self) -> int:
        """What is left of the amount that was paid."""
        return self.amount_fen - self.refunded_fen


def purchase_row(order: StoredPurchase, *, refunded_before: int = 0) -> PurchaseRow:
    """The row of an order; some of it may have been refunded before it came here."""
    return PurchaseRow(
        order.store, order.order_no, order.source, order.event, order.kind, order.day, order.amount_fen, order.terms,
        order.granted, order.refunded_fen, order.reversed, refunded_before,
    )  # fmt: skip


class WaitingRefund(NamedTuple):
    """A refund whose order has not been reported yet."""

    receipt_no: int
    source: str
    event: str
    refund_of: str
    store: str
    amount_fen: int


class Claims(NamedTuple):
    """Whose the ids of an event are: the member who has the event's id, and the owner of each store's order of that number.

    `claimed`: the number cannot be claimed for an order without a store any more.
    """

    event_of: int | None = None
    orders: Mapping[str, int] = {}
    claimed: bool = False


EVENTS: Final = Table(
    "event",
    EventRow,
    stamps={"receipt_no": "receipt_no", "rule_version": "rule_version"},
    key=("source", "event"),
)
EVENT_KEYS: Final = Table("event_key", EventKeyRow)
AWARDS: Final = Table("award", AwardRow, key=("receipt_no", "rule"))
BUDGET_USES: Final = Table("budget_use", BudgetUseRow, key=("receipt_no", "budget"))
PURCHASES: Final = Table(
    "purchase",
    PurchaseRow,
    stamps={"receipt_no": "receipt_no", "rule_version": "rule_version"},
    mutable=("refunded_fen", "reversed", "moved_at"),
    key=("store", "order_no", "receipt_no"),
)
ORDER_KEYS: Final = Table("order_key", OrderKeyRow, mutable=("member_id",))
REFUNDS: Final = Table(
    "order_refund",
    RefundRow,
    mutable=("state", "settled_at", "order_store", "order_no", "order_receipt_no"),
    key=("receipt_no", "source", "event"),
    begins={"state": "waiting"},
)
REFUND_PURCHASES: Final = Update(REFUND, RefundedRow, table=PURCHASES)
SETTLE_REFUNDS: Final = Update(SETTLE, SettledRow, table=REFUNDS, since="settled_at")


async def _claims(request: ReadRequest) -> Mapping[int, Claims]:
    """Ids of members who were merged into one of these count as that one's."""
    asked = [
        (one.command.member_id, one.command.source, one.command.event, _order_named(one.command))
        for one in request.commands
        if isinstance(one.command, RecordEvent | RecordRefund)
    ]
    persons = request.persons
    events = await request.connection.fetch(
        SELECT_EVENT_KEYS, [event for _, _, event, _ in asked], [source for _, source, _, _ in asked]
    )
    owners = {(event, source): persons.get(owner, owner) for event, source, owner in events}
    orders: dict[str, dict[str, int]] = defaultdict(dict)
    claimed: set[str] = set()
    if numbers := [order for *_, order in asked if order]:
        for order_no, store, owner, claim_only in await request.connection.fetch(SELECT_ORDER_KEYS, numbers):
            if not store:
                claimed.add(order_no)
            if not claim_only:
                orders[order_no][store] = persons.get(owner, owner)
    return {
        member_id: Claims(owners.get((event, source)), orders.get(order, {}), order in claimed)
        for member_id, source, event, order in asked
    }


def _order_named(command: RecordEvent | RecordRefund) -> str:
    return command.refund_of if isinstance(command, RecordRefund) else command.order or ""


async def _waiting(request: ReadRequest) -> Mapping[int, Sequence[WaitingRefund]]:
    found: dict[int, list[WaitingRefund]] = defaultdict(list)
    for member_id, *refund in await request.connection.fetch(SELECT_WAITING, request.members):
        found[member_id].append(WaitingRefund(*refund))
    return found


def _waiting_in(past: Past, _: DatedCommand, __: object) -> Sequence[WaitingRefund]:
    rows = [row for _, row in sorted(past.rows[REFUNDS].items()) if row["state"] == "waiting"]
    return [WaitingRefund(*(row[name] for name in WaitingRefund._fields)) for row in rows]


async def _purchases(request: ReadRequest) -> Mapping[int, Sequence[StoredPurchase]]:
    commands = [one.command for one in request.commands if isinstance(one.command, RecordRefund)]
    found: dict[int, list[StoredPurchase]] = defaultdict(list)
    columns = [one.member_id for one in commands], [one.refund_of for one in commands]
    for member_id, *purchase in await request.connection.fetch(SELECT_PURCHASES, *columns):
        found[member_id].append(StoredPurchase(*purchase))
    return found


def _purchases_in(past: Past, one: DatedCommand, _: object) -> Sequence[StoredPurchase]:
    named = getattr(one.command, "refund_of", None)
    rows = sorted(past.rows[PURCHASES].values(), key=lambda row: int(row["receipt_no"]))
    return [
        StoredPurchase(*(row[name] for name in StoredPurchase._fields))
        for row in rows
        if named in (row["order_no"], row["event"]) and row["moved_at"] is None
    ]


async def _all_lots(request: ReadRequest) -> Mapping[int, Sequence[Lot]]:
    lots: dict[int, list[Lot]] = defaultdict(list)
    for row in await request.connection.fetch(SELECT_ALL_LOTS, request.members):
        lots[row["member_id"]].append(lot_of(row))
    return lots


def _all_lots_in(past: Past, _: DatedCommand, __: object) -> Sequence[Lot]:
    return list(past.lots.values())


CLAIMS: Final = Read[Claims](
    "whose the ids of the event are", _claims, Claims(), note=Note("claims", TypeAdapter(Claims))
)
WAITING: Final = Read[Sequence[WaitingRefund]](
    "refunds that wait for their order", _waiting, (), fold=_waiting_in
)
NAMED: Final = Read[Sequence[StoredPurchase]](
    "orders that the refund may name", _purchases, (), fold=_purchases_in
)
ALL_LOTS: Final = Read[Sequence[Lot]]("all lots of the member", _all_lots, (), fold=_all_lots_in)
