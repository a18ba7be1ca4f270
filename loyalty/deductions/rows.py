"""The rows of holds: what is set aside for which order, until when, and how it ended."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter

from loyalty.engine.command import DatedCommand
from loyalty.engine.lots_used import lots_used, shares_used
from loyalty.engine.past import Past
from loyalty.engine.reads import Note, Read, ReadRequest
from loyalty.ledger.lots import Lot, LotShare
from loyalty.ledger.writes import Table, Update

SELECT_HOLDS = """
SELECT h.member_id, h.receipt_no, h.order_no, h.store, h.points, h.points_per_yuan, h.deadline, h.state, h.captured, h.closed_at
FROM unnest($1::bigint[], $2::bigint[]) AS a(member_id, receipt_no)
JOIN hold h ON h.member_id = a.member_id AND h.receipt_no = a.receipt_no
"""
SELECT_OF_ORDER = """
SELECT h.member_id, h.receipt_no, h.state
FROM unnest($1::bigint[], $2::text[], $3::text[]) AS a(member_id, store, order_no)
JOIN hold h ON h.member_id = a.member_id AND h.store = a.store AND h.order_no = a.order_no
"""
SELECT_KEYS = """
SELECT k.order_no, k.store, k.turn, k.member_id, k.receipt_no
FROM unnest($1::text[], $2::text[]) AS a(order_no, store)
JOIN hold_key k ON k.order_no = a.order_no AND k.store = a.store ORDER BY k.turn
"""
CLOSE = """
UPDATE hold h SET state = u.state, captured = u.captured, closed_at = u.closed_at
FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::timestamptz[])
    AS u(member_id, receipt_no, state, captured, closed_at)
WHERE h.member_id = u.member_id AND h.receipt_no = u.receipt_no
"""


class StoredHold(NamedTuple):
    """A stored hold with the lots that its points came from; its number is that of its receipt."""

    receipt_no: int
    order_no: str
    store: str
    points: int
    points_per_yuan: int
    deadline: datetime
    state: str
    captured: int
    closed_at: datetime | None
    held_from: tuple[LotShare, ...]


class HoldRow(NamedTuple):
    """A new hold. `points_per_yuan` is the rate of its time, by which a capture of a part pays."""

    order_no: str
    store: str
    amount_fen: int
    points: int
    points_per_yuan: int
    deadline: datetime


class ClosedRow(NamedTuple):
    """The hold to close, its end (`captured`, `cancelled` or `lapsed`), how many points were captured, and when."""

    receipt_no: int
    state: str
    captured: int
    closed_at: datetime


class OrderHold(NamedTuple):
    """The hold of an order."""

    receipt_no: int
    state: str


class HoldKeyRow(NamedTuple):
    """The hold of an order by whichever member, as its first (`turn` 0), or the next one after a member's hold ended unused."""

    order_no: str
    store: str
    turn: int


class Turn(NamedTuple):
    """The turn that the next hold of an order would be, and the hold of another person that bars it."""

    turn: int = 0
    other: OrderHold | None = None


def _named(request: ReadRequest) -> tuple[list[int], list[int]]:
    commands: list[Any] = [one.command for one in request.commands]
    return request.members, [one.hold for one in commands]


async def _holds(request: ReadRequest) -> Mapping[int, StoredHold | None]:
    members, numbers = _named(request)
    held = await shares_used(request.connection, members, numbers, "held")
    rows = await request.connection.fetch(SELECT_HOLDS, members, numbers)
    return {row[0]: StoredHold._make((*row[1:], held.get(row[0], ()))) for row in rows}


async def _held_lots(request: ReadRequest) -> Mapping[int, Sequence[Lot]]:
    return await lots_used(request.connection, *_named(request), "held")


async def _of_order(request: ReadRequest) -> Mapping[int, OrderHold | None]:
    persons = request.persons
    orders = {one.command.member_id: one.command for one in request.commands}
    asked: list[Any] = [orders[member_id] for member_id in persons.values()]
    stores, numbers = [one.store for one in asked], [one.order for one in asked]
    rows = await request.connection.fetch(SELECT_OF_ORDER, list(persons), stores, numbers)
    return {persons[row["member_id"]]: OrderHold(row["receipt_no"], row["state"]) for row in rows}


async def _turns(request: ReadRequest) -> Mapping[int, Turn]:
    commands: list[Any] = [one.command for one in request.commands]
    orders = [one.order for one in commands], [one.store for one in commands]
    last = {(row[0], row[1]): row for row in await request.connection.fetch(SELECT_KEYS, *orders)}
    if not last:
        return {}
    named = [row["member_id"] for row in last.values()], [row["receipt_no"] for row in last.values()]
    holds = await request.connection.fetch(SELECT_HOLDS, *named)
    states = {(row["member_id"], row["receipt_no"]): row["state"] for row in holds}
    found: dict[int, Turn] = {}
    for command in commands:
        if row := last.get((command.order, command.store)):
            own = request.persons.get(row["member_id"]) == command.member_id
            state = states.get((row["member_id"], row["receipt_no"]), "")
            bars = not own and state in ("open", "captured")
            found[command.member_id] = Turn(
                row["turn"] + 1, OrderHold(row["receipt_no"], state) if bars else None
            )
    return found


HOLD_KEYS: Final = Table("hold_key", HoldKeyRow)
HOLDS: Final = Table(
    "hold",
    HoldRow,
    stamps={"receipt_no": "receipt_no", "created_at": "posted_at"},
    mutable=("state", "captured", "closed_at"),
    key=("receipt_no",),
    begins={"state": "open", "captured": 0},
)
CLOSE_HOLDS: Final = Update(CLOSE, ClosedRow, table=HOLDS, since="closed_at")


def _hold_in(past: Past, one: DatedCommand, _: object) -> StoredHold | None:
    command: Any = one.command
    row = past.rows[HOLDS].get((command.hold,))
    if row is None:
        return None
    facts = {name: row[name] for name in StoredHold._fields if name != "held_from"}
    return StoredHold(**facts, held_from=tuple(past.lots_that_paid(command.hold, "held")))


def _held_lots_in(past: Past, one: DatedCommand, _: object) -> Sequence[Lot]:
    command: Any = one.command
    return [past.lots[key] for key, _ in past.lots_that_paid(command.hold, "held")]


HOLD: Final = Read[StoredHold | None]("the hold that the command names", _holds, None, fold=_hold_in)
HELD_LOTS: Final = Read[Sequence[Lot]]("the lots that the hold came from", _held_lots, (), fold=_held_lots_in)
OF_ORDER: Final = Read[OrderHold | None](
    "the hold of the same order, also of a merged half",
    _of_order,
    None,
    note=Note("hold", TypeAdapter(OrderHold | None)),
)
TURN: Final = Read[Turn](
    "the turn of the next hold of the order, and the hold of another member that bars it",
    _turns,
    Turn(),
    note=Note("turn", TypeAdapter(Turn)),
)
