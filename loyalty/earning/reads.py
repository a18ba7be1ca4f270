"""What events and refunds read: whose their ids are, the orders that a refund may name, and refunds that wait for their order."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from pydantic import TypeAdapter

from loyalty.earning.commands import RecordEvent, RecordRefund
from loyalty.earning.rows import PURCHASE_COLUMNS, PURCHASES, REFUNDS, StoredPurchase, WaitingRefund
from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Note, Read, ReadRequest
from loyalty.ledger.lots import LOT_COLUMNS, Lot, lot_of

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
SELECT_PURCHASES = f"""
SELECT p.member_id, {PURCHASE_COLUMNS}
FROM unnest($1::bigint[], $2::text[]) AS a(member_id, named)
JOIN purchase p ON p.member_id = a.member_id AND (p.order_no = a.named OR p.event = a.named) AND p.moved_at IS NULL
ORDER BY p.member_id, p.receipt_no
"""  # noqa: S608  # names of our own columns
SELECT_ALL_LOTS = f"SELECT {LOT_COLUMNS} FROM lot WHERE member_id = ANY($1::bigint[])"  # noqa: S608  # no values in the text


class Claims(NamedTuple):
    """Whose the ids of an event are: the member who has the event's id, and the owner of each store's order of that number.

    `claimed`: the number cannot be claimed for an order without a store any more.
    """

    event_of: int | None = None
    orders: Mapping[str, int] = {}
    claimed: bool = False


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
