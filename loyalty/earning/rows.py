"""The rows of events: the events themselves, orders with their refunds, what each rule awarded, and whose an id is."""

from datetime import date, datetime
from typing import Final, NamedTuple

from loyalty.ledger.writes import Table, Update

PURCHASE_COLUMNS = """p.store, p.order_no, p.receipt_no, p.source, p.event, p.kind, p.day, p.amount_fen, p.terms, p.granted,
    p.refunded_fen, p.reversed"""
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
SETTLE_REFUNDS: Final = Update(SETTLE, SettledRow, table=REFUNDS, since="settled_at")
