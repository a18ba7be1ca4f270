"""Importing orders: each line is an event of the rules, reported by the source `import`, and earns what the rules pay for it.

An order that a till reported already counts once: the order's number belongs to one event.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from loyalty.earning.commands import RecordEvent, event_request_key
from loyalty.earning.outcomes import OrderRecorded
from loyalty.earning.plan import plan_of
from loyalty.earning.valid import objection
from loyalty.engine.outcomes import Refusal
from loyalty.engine.refusals import AlreadyDone
from loyalty.ledger.calendar import business_day
from loyalty.programme.in_force.live import rules_between
from moving.columns import PERSONS
from moving.enrolling import members_of
from moving.kind import ALREADY, DONE, Booked, Import, Kind, Line
from moving.members import arriving
from moving.reading import Reading
from moving.sheet import Cell
from moving.values import fen, foreign_id, moment, word

SOURCE: Final = "import"
PURCHASE: Final = "purchase"
OWNERS: Final = "SELECT order_no, store, member_id FROM order_key WHERE order_no = ANY($1::text[])"


class OrderItem(NamedTuple):
    """An order of a row. `at` has no zone yet: it is the programme's."""

    order: str
    amount_fen: int
    at: datetime
    store: str | None
    channel: str | None
    kind: str


def _read(reading: Reading, today: date) -> OrderItem:
    at = reading.required("occurred_at", moment)
    if at is not None and at.date() > today:
        reading.faults.append(f"时间 {at:%Y-%m-%d} 还没有到")
    return OrderItem(
        reading.required("order_no", foreign_id) or "",
        reading.required("amount", _amount) or 0,
        at or datetime.min,  # noqa: DTZ901  # of a row with a fault
        reading.value("store", word),
        reading.value("channel", word),
        reading.value("kind", word) or PURCHASE,
    )


def _amount(cell: Cell, title: str) -> int:
    return fen(cell, title)


def _command(into: Import, line: Line, member_id: int) -> RecordEvent:
    item: OrderItem = line.item
    event = f"{into.digest}:{line.number}"
    return RecordEvent(
        member_id=member_id, request_key=event_request_key(SOURCE, event), at=_instant(item.at, into.zone), actor="operator",
        source=SOURCE, event=event, kind=item.kind, amount_fen=item.amount_fen, order=item.order, store=item.store,
        channel=item.channel,
    )  # fmt: skip


def _instant(at: datetime, zone: ZoneInfo) -> datetime:
    return at.replace(tzinfo=zone)


async def _check(into: Import, lines: Sequence[Line]) -> Mapping[int, str]:
    """What the rules of each order's day say against it, and orders of other members."""
    if not lines:
        return {}
    commands = {line.number: _command(into, line, line.member_id or 0) for line in lines}
    instants = [one.at for one in commands.values()]
    now = into.engine.clock.now()
    book = await rules_between(into.pool, min(*instants, now), now, into.zone)
    rows = await into.pool.fetch(OWNERS, [one.order for one in commands.values()])
    owners = {(row["order_no"], row["store"]): row["member_id"] for row in rows}
    found: dict[int, str] = {}
    for line in lines:
        one = commands[line.number]
        refusal = objection(
            one, plan_of(book.at(min(one.at, now)).rules), business_day(one.at, into.zone), into.today
        )
        owner = owners.get((one.order, one.store or ""))
        if refusal is not None:
            found[line.number] = refusal.sentence.rstrip("。")
        elif owner is not None and owner != line.member_id:
            found[line.number] = f"订单 {one.order} 已经记在会员 {owner} 名下"
    return found


async def _book(into: Import, lines: Sequence[Line]) -> Booked:
    async with into.turn:
        members, created = await members_of(into, lines, lambda line: arriving(into, line))
        commands = [_command(into, line, member_id) for line, member_id in zip(lines, members, strict=True)]
        running = into.run_all(commands)
    decisions = await running
    fates = {}
    for line, decision in zip(lines, decisions, strict=True):
        outcome = decision.outcome
        if decision.replayed or isinstance(outcome, AlreadyDone | OrderRecorded):
            fates[line.number] = ALREADY
        else:
            fates[line.number] = outcome.sentence if isinstance(outcome, Refusal) else DONE
    return Booked(fates, created)


ORDERS: Final = Kind(
    "orders",
    "订单",
    fields=(*PERSONS, "order_no", "amount", "occurred_at", "store", "channel", "kind"),
    needed=("order_no", "amount", "occurred_at"),
    read=_read,
    same=lambda item: f"{item.store or ''}:{item.order}",
    repeated="同一笔订单",
    points=lambda _: 0,
    check=_check,
    book=_book,
)
