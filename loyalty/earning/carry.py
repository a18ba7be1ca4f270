"""Orders that follow a member who is merged into another, and back, so that a later refund finds them; growth apart from points.

The points of an order move with the lots, which keep their keys. The directory of orders is pointed to the new owner; events keep
theirs, because their ids are looked up for all halves of a person.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from loyalty.earning.came import CAME, WAITING_CAME, CameOrder
from loyalty.earning.orders.meters import ORDER_METERS, order_meters
from loyalty.earning.orders.refunds import keep_refunded
from loyalty.earning.orders.waiting import apply_waiting, settled
from loyalty.earning.reads import WAITING
from loyalty.earning.rows import (
    PURCHASE_COLUMNS,
    PURCHASES,
    REFUNDS,
    SETTLE_REFUNDS,
    RefundRow,
    StoredPurchase,
    WaitingRefund,
    purchase_row,
)
from loyalty.earning.terms import due, terms_of
from loyalty.engine.carry import Carry, Leave
from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.engine.scene import Scene
from loyalty.ledger.growth import GROWTH
from loyalty.ledger.lots import ORDINARY, LotKey
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey, Update

MOVED_GROWTH: Final = "moved_growth"
SELECT_OPEN = f"""
SELECT p.member_id, {PURCHASE_COLUMNS} FROM purchase p
WHERE p.member_id = ANY($1::bigint[]) AND p.moved_at IS NULL AND (p.refunded_fen < p.amount_fen OR p.amount_fen = 0)
ORDER BY p.member_id, p.receipt_no, p.store, p.order_no
"""  # noqa: S608  # names of our own columns
SELECT_GROWTH = """
SELECT member_id, receipt_no, reason, amount FROM growth_entry WHERE member_id = ANY($1::bigint[])
"""
MOVE = """
UPDATE purchase p SET moved_at = u.moved_at
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[])
    AS u(member_id, store, order_no, receipt_no, moved_at)
WHERE p.member_id = u.member_id AND p.store = u.store AND p.order_no = u.order_no AND p.receipt_no = u.receipt_no
"""
POINT = """
UPDATE order_key k SET member_id = u.member_id
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS u(member_id, order_no, store)
WHERE k.order_no = u.order_no AND k.store = u.store
"""


class MovedRow(NamedTuple):
    """The order that has moved to another member, and when."""

    store: str
    order_no: str
    receipt_no: int
    moved_at: datetime


class OwnedRow(NamedTuple):
    """The order that is this member's now."""

    order_no: str
    store: str


class Growth(NamedTuple):
    """Growth apart from points: all of it, and what came with each merge, by its receipt."""

    total: int = 0
    moved: Mapping[int, int] = {}


MOVE_PURCHASES: Final = Update(MOVE, MovedRow, table=PURCHASES, since="moved_at")
POINT_ORDERS: Final = Update(POINT, OwnedRow)


async def _open(request: ReadRequest) -> Mapping[int, tuple[StoredPurchase, ...]]:
    found: dict[int, list[StoredPurchase]] = defaultdict(list)
    for member_id, *purchase in await request.connection.fetch(SELECT_OPEN, request.members):
        found[member_id].append(StoredPurchase(*purchase))
    return {member_id: tuple(some) for member_id, some in found.items()}


def _open_in(past: Past, _: DatedCommand, __: object) -> tuple[StoredPurchase, ...]:
    rows = past.rows[PURCHASES].values()
    some = [
        StoredPurchase(*(row[name] for name in StoredPurchase._fields))
        for row in rows
        if row["moved_at"] is None and (row["refunded_fen"] < row["amount_fen"] or not row["amount_fen"])
    ]
    return tuple(sorted(some, key=lambda one: (one.receipt_no, one.store, one.order_no)))


async def _growth(request: ReadRequest) -> Mapping[int, Growth]:
    rows: dict[int, list[tuple[int, str, int]]] = defaultdict(list)
    for member_id, *row in await request.connection.fetch(SELECT_GROWTH, request.members):
        rows[member_id].append((row[0], row[1], row[2]))
    return {member_id: _sum(some) for member_id, some in rows.items()}


def _growth_in(past: Past, _: DatedCommand, __: object) -> Growth:
    return _sum([(row["receipt_no"], row["reason"], row["amount"]) for row in past.rows[GROWTH].values()])


def _sum(rows: list[tuple[int, str, int]]) -> Growth:
    moved: dict[int, int] = defaultdict(int)
    for receipt_no, reason, amount in rows:
        if reason == MOVED_GROWTH:
            moved[receipt_no] += amount
    return Growth(sum(amount for _, _, amount in rows), dict(moved))


OPEN: Final = Read[tuple[StoredPurchase, ...]](
    "orders that are not refunded in full", _open, (), fold=_open_in
)
OWN_GROWTH: Final = Read[Growth]("growth apart from points", _growth, Growth(), fold=_growth_in)


def give(wallet: Wallet, scene: Scene[Any], leave: Leave) -> dict[str, Any]:
    """The open orders, the refunds that wait, and the growth; when a merge is undone, those that came with it.

    Of the latter those go back, too, that have been refunded in full since: who bought them has them.
    """
    orders = _orders_to_give(scene, leave)
    for one in orders:
        row = MovedRow(one.store, one.order_no, one.receipt_no, wallet.posted_at)
        wallet.writes.change(MOVE_PURCHASES, row)
    waiting = (
        scene.recall(WAITING) if leave.since is None else scene.recall(WAITING_CAME).get(leave.since, ())
    )
    for refund in waiting:
        wallet.writes.change(SETTLE_REFUNDS, settled(refund, "moved", wallet.posted_at))
    growth = _growth_to_give(scene, leave)
    wallet.grow(-growth, MOVED_GROWTH)
    return {
        "orders": [[*one._replace(day=one.day.isoformat())] for one in orders],  # type: ignore[arg-type]  # as JSON
        "waiting": [list(one[1:]) for one in waiting],
        "growth": growth,
    }


def _orders_to_give(scene: Scene[Any], leave: Leave) -> Sequence[StoredPurchase]:
    if leave.since is None:
        return scene.recall(OPEN)
    return [one.order for one in _came(scene, leave)]


def _came(scene: Scene[Any], leave: Leave) -> Sequence[CameOrder]:
    return () if leave.since is None else scene.recall(CAME).get(leave.since, ())


def _growth_to_give(scene: Scene[Any], leave: Leave) -> int:
    """The growth that goes along; when a merge is undone, what came with it less what refunds of its orders have taken since."""
    own = scene.recall(OWN_GROWTH)
    if leave.since is None:
        return own.total
    return own.moved.get(leave.since, 0) - sum(one.lost_growth for one in _came(scene, leave))


def lost(scene: Scene[Any], leave: Leave) -> Mapping[LotKey, int]:
    """The points that refunds of the orders which came with a merge have taken since, by the lot that they were granted into."""
    found: Counter[LotKey] = Counter()
    for one in _came(scene, leave):
        found.update(one.lost_points)
    return found


def take(wallet: Wallet, _: Scene[Any], brought: dict[str, Any] | None) -> None:
    """Write the orders and refunds under this receipt."""
    if brought is None:
        return
    for one in _orders(brought):
        wallet.writes.add(PURCHASES, purchase_row(one, refunded_before=one.refunded_fen))
        wallet.writes.change(POINT_ORDERS, OwnedRow(one.order_no, one.store))
    for refund in _waiting(brought, wallet.receipt_no):
        wallet.writes.add(REFUNDS, RefundRow(*refund[1:], "waiting"))
    wallet.grow(brought["growth"], MOVED_GROWTH)


def settle(wallet: Wallet, scene: Scene[Any], brought: dict[str, Any] | None) -> None:
    """Apply the refunds that waited in one account for an order that the other one had."""
    if brought is None:
        return
    came = [one._replace(receipt_no=wallet.receipt_no) for one in _orders(brought) if _counts(one)]
    orders = [*scene.recall(OPEN), *came]
    waiting = [*scene.recall(WAITING), *_waiting(brought, wallet.receipt_no)]
    taken = apply_waiting(wallet, orders, waiting, scene.live.rules.refunds.most_debt)
    refunded = {
        one.purchase[:3]: one.purchase for one in taken
    }  # several refunds may have waited for one order
    for after in refunded.values():
        keep_refunded(wallet, after)


def counts(brought: dict[str, Any]) -> Mapping[MeterKey, int]:
    """What the orders that were brought count in the meters of orders."""
    found: Counter[MeterKey] = Counter()
    for one in filter(_counts, _orders(brought)):
        meters = order_meters(one.day)
        found.update(dict.fromkeys(meters.orders, 1))
        found.update(dict.fromkeys(meters.spent, one.left_fen))
    return found


def shares(brought: dict[str, Any] | None) -> Mapping[LotKey, int]:
    """The points that refunds of the brought orders may take back, by the lot that they were granted into."""
    found: Counter[LotKey] = Counter()
    for one in _orders(brought or {"orders": ()}):
        terms = terms_of(json.loads(one.terms))
        for group, points in zip(terms.groups, due(terms, one.left_fen).points, strict=True):
            found[LotKey(group.expires_on, group.opens_on, ORDINARY)] += points
    return found


def _orders(brought: dict[str, Any]) -> list[StoredPurchase]:
    orders = [StoredPurchase(*fields) for fields in brought["orders"]]
    return [one._replace(day=date.fromisoformat(str(one.day))) for one in orders]


def _counts(order: StoredPurchase) -> bool:
    """Whether the order is not refunded in full."""
    return order.left_fen > 0 or order.amount_fen == 0


def _waiting(brought: dict[str, Any], receipt_no: int) -> list[WaitingRefund]:
    return [WaitingRefund(receipt_no, *fields) for fields in brought["waiting"]]


CARRY: Final = Carry(
    give,
    take,
    gives_by=(OPEN, WAITING, OWN_GROWTH, CAME, WAITING_CAME),
    takes_by=(OPEN, WAITING),
    settle=settle,
    counted=ORDER_METERS,
    counts=counts,
    shares=shares,
    lost=lost,
)
