"""The orders and refunds of a member by the receipt with which they came, even if they have been away since.

A member who was merged into a third one, and is apart again, has the orders under the receipt of that split. The rows that the
orders left behind stay, and tell which of the orders came with an earlier merge.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from loyalty.earning.rows import (
    PURCHASE_COLUMNS,
    PURCHASES,
    REFUNDS,
    StoredPurchase,
    WaitingRefund,
)
from loyalty.earning.terms import due, terms_of
from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.ledger.lots import ORDINARY, LotKey

SELECT_CAME = f"""
SELECT c.member_id, c.receipt_no AS came_no, c.refunded_before, {PURCHASE_COLUMNS} FROM purchase c
JOIN purchase p ON p.member_id = c.member_id AND p.store = c.store AND p.order_no = c.order_no AND p.moved_at IS NULL
WHERE c.member_id = ANY($1::bigint[])
"""  # noqa: S608  # names of our own columns
SELECT_WAITING_CAME = """
SELECT c.member_id, c.receipt_no AS came_no, r.receipt_no, r.source, r.event, r.refund_of, r.store, r.amount_fen
FROM order_refund c
JOIN order_refund r ON r.member_id = c.member_id AND r.source = c.source AND r.event = c.event AND r.state = 'waiting'
WHERE c.member_id = ANY($1::bigint[])
"""


class CameOrder(NamedTuple):
    """An order as it stands, and what had been refunded of it, in fen, when it came."""

    order: StoredPurchase
    refunded_before: int

    @property
    def lost_growth(self) -> int:
        """The growth that refunds have taken since."""
        terms = terms_of(json.loads(self.order.terms))
        return due(terms, self._fen_then).growth - due(terms, self.order.left_fen).growth

    @property
    def lost_points(self) -> Counter[LotKey]:
        """The points that refunds have taken since, by the lot that they were granted into."""
        terms = terms_of(json.loads(self.order.terms))
        found: Counter[LotKey] = Counter()
        then, now = due(terms, self._fen_then).points, due(terms, self.order.left_fen).points
        for group, had, has in zip(terms.groups, then, now, strict=True):
            found[LotKey(group.expires_on, group.opens_on, ORDINARY)] += had - has
        return +found

    @property
    def _fen_then(self) -> int:
        return self.order.amount_fen - self.refunded_before


async def _came(request: ReadRequest) -> Mapping[int, Mapping[int, tuple[CameOrder, ...]]]:
    found: dict[int, list[tuple[int, CameOrder]]] = defaultdict(list)
    for member_id, came_no, before, *order in await request.connection.fetch(SELECT_CAME, request.members):
        found[member_id].append((came_no, CameOrder(StoredPurchase(*order), before)))
    return {member_id: _by_receipt(some) for member_id, some in found.items()}


def _came_in(past: Past, _: DatedCommand, __: object) -> Mapping[int, tuple[CameOrder, ...]]:
    rows = past.rows[PURCHASES].values()
    here = {(row["store"], row["order_no"]): row for row in rows if row["moved_at"] is None}
    stored = {
        key: StoredPurchase(*(row[name] for name in StoredPurchase._fields)) for key, row in here.items()
    }
    return _by_receipt(
        (row["receipt_no"], CameOrder(stored[key], row["refunded_before"]))
        for row in rows
        if (key := (row["store"], row["order_no"])) in stored
    )


def _by_receipt(came: Iterable[tuple[int, CameOrder]]) -> Mapping[int, tuple[CameOrder, ...]]:
    found: dict[int, list[CameOrder]] = defaultdict(list)
    for came_no, one in sorted(
        came, key=lambda item: (item[1].order.receipt_no, item[1].order.store, item[1].order.order_no)
    ):
        found[came_no].append(one)
    return {came_no: tuple(some) for came_no, some in found.items()}


async def _waiting_came(request: ReadRequest) -> Mapping[int, Mapping[int, tuple[WaitingRefund, ...]]]:
    found: dict[int, dict[int, list[WaitingRefund]]] = defaultdict(lambda: defaultdict(list))
    for member_id, came_no, *refund in await request.connection.fetch(SELECT_WAITING_CAME, request.members):
        found[member_id][came_no].append(WaitingRefund(*refund))
    return {
        member_id: {came_no: tuple(sorted(some)) for came_no, some in by_receipt.items()}
        for member_id, by_receipt in found.items()
    }


def _waiting_came_in(past: Past, _: DatedCommand, __: object) -> Mapping[int, tuple[WaitingRefund, ...]]:
    rows = past.rows[REFUNDS].values()
    waiting = {
        (row["source"], row["event"]): WaitingRefund(*(row[name] for name in WaitingRefund._fields))
        for row in rows
        if row["state"] == "waiting"
    }
    found: dict[int, list[WaitingRefund]] = defaultdict(list)
    for row in rows:
        if (key := (row["source"], row["event"])) in waiting:
            found[row["receipt_no"]].append(waiting[key])
    return {came_no: tuple(sorted(some)) for came_no, some in found.items()}


CAME: Final = Read[Mapping[int, tuple[CameOrder, ...]]](
    "orders by the receipt with which they came", _came, {}, fold=_came_in
)
WAITING_CAME: Final = Read[Mapping[int, tuple[WaitingRefund, ...]]](
    "waiting refunds by the receipt with which they came", _waiting_came, {}, fold=_waiting_came_in
)
