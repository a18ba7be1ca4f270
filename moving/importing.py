"""Importing a table: one pass that only checks, then one that books. Both read the file row by row.

A pass that was interrupted is simply made again: what is booked already answers as it did the first time.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from base.clock import Clock
from base.ending import end_tasks
from base.settings import Settings
from loyalty.bookers import Bookers, open_bookers, usual_bookers
from moving.bad_rows import BadRows
from moving.columns import FIELDS, Mapped
from moving.kind import ALREADY, DONE, Booked, Import, Kind, Line
from moving.persons import Found, Person, check_persons, find_persons, needed_columns, read_person
from moving.problems import CannotBegin
from moving.reading import Reading
from moving.seen import Seen
from moving.sheet import Row, Sheet

CHUNK: Final = 2_048
"""Rows that are checked together; their members are made in one transaction."""
AHEAD: Final = 2
"""Chunks whose persons are looked up while an earlier one is checked."""
AT_ONCE: Final = 2
"""Chunks that are booked at a time, so that nobody waits at the end of one for its last transaction."""
BATCH: Final = 512
"""Commands per transaction of an import's engine: nobody waits for a single line."""
MANY_ROWS: Final = 5_000
"""From so many rows on, booking processes save more than their start costs, which is about a second of one processor."""
T = TypeVar("T")


@dataclass
class Report:
    """What a pass came to: rows by their fate, new members, persons and points of the good rows, and the report of the bad ones."""

    rows: int = 0
    done: int = 0
    already: int = 0
    bad: int = 0
    created: int = 0
    persons: int = 0
    points: int = 0
    applied: bool = False
    first_bad: list[tuple[int, str]] = field(default_factory=list)
    bad_path: Path | None = None


@dataclass
class _Pass:
    """One pass under way; `chunk` has the rows by line, for the report."""

    kind: Kind
    into: Import
    mapped: Mapped
    seen: Seen
    bad_rows: BadRows
    report: Report


@asynccontextmanager
async def bookers_for(rows: int, settings: Settings, clock: Clock) -> AsyncIterator[Bookers | None]:
    """The booking processes of an import of so many rows; None for a small one, and where there is only one processor."""
    count = usual_bookers() if rows >= MANY_ROWS else 0
    if not count:
        yield None
        return
    async with open_bookers(settings, clock, count, batch_size=BATCH) as bookers:
        yield bookers


class _Read(NamedTuple):
    """A row that was read: whom it speaks of, whom the database knows by that, and the kind's item."""

    reading: Reading
    person: Person
    found: Found
    item: Any


def check_table(kind: Kind, sheet: Sheet, mapped: Mapped, into: Import) -> Mapped:
    """The columns to use. Raises CannotBegin if one is missing without which no row can be imported."""
    mapped = mapped._replace(places=needed_columns(mapped.places, into.providers))
    check_persons(mapped.places, sheet.header, into.providers)
    if missing := [FIELDS[one].title for one in kind.needed if one not in mapped.places]:
        raise CannotBegin(
            f"表头里没有{'、'.join(missing)}；表头是：{'、'.join(sheet.header)}。可以用 --map 列名=字段 指明。"
        )
    return mapped


async def go_through(
    kind: Kind, sheet: Sheet, mapped: Mapped, into: Import, *, apply: bool, tell: Callable[[int], None]
) -> Report:
    """Check every row; with `apply` also book the good ones. `tell` hears how many rows have been dealt with.

    Raises EngineUnavailable and what the database raises; then the import can simply be run again.
    """
    report = Report(applied=apply)
    with Seen() as seen, BadRows(sheet) as bad_rows:
        this = _Pass(kind, into, mapped, seen, bad_rows, report)
        booking: deque[asyncio.Task[None]] = deque()
        try:
            async for readings in _read_ahead(this, sheet):
                lines = await _checked(this, readings)
                rows = [one.reading.row for one in readings]
                if len(booking) == AT_ONCE:
                    await booking.popleft()
                if apply:
                    booking.append(asyncio.create_task(_book(this, rows, lines)))
                tell(len(rows))
            while booking:
                await booking.popleft()
        finally:
            if booking:
                await asyncio.wait(booking)
                await asyncio.gather(*booking, return_exceptions=True)
    report.bad, report.first_bad = bad_rows.count, bad_rows.first
    report.bad_path = bad_rows.path if bad_rows.count else None
    return report


async def _read_ahead(this: _Pass, sheet: Sheet) -> AsyncIterator[list[_Read]]:
    """The rows of the table, chunk by chunk. While one is worked on, the database looks up the persons of the next."""
    ahead: deque[asyncio.Task[list[_Read]]] = deque()
    try:
        for rows in _chunks(sheet.rows(), CHUNK):
            ahead.append(asyncio.create_task(_read(this, rows)))
            if len(ahead) > AHEAD:
                yield await ahead.popleft()
        while ahead:
            yield await ahead.popleft()
    finally:
        if ahead:
            await end_tasks(ahead)


async def _read(this: _Pass, rows: Sequence[Row]) -> list[_Read]:
    readings = [Reading(row, this.mapped.places) for row in rows]
    persons = [read_person(reading, this.into.providers) for reading in readings]
    items = [this.kind.read(reading, this.into.today) for reading in readings]
    found = await find_persons(this.into.pool, this.into.engine.context.keyring, persons)
    return [_Read(*one) for one in zip(readings, persons, found, items, strict=True)]


async def _checked(this: _Pass, read: Sequence[_Read]) -> list[Line]:
    """The good ones among the rows; the others go into the report."""
    lines = []
    for reading, person, found, item in read:
        if found.fault:
            reading.faults.append(found.fault)
        if not reading.faults:
            lines.append(Line(reading.row.line, person, found.member_id, item, found.complete))
    readings = [one.reading for one in read]
    lines = _without_repeats(this, lines, {reading.row.line: reading for reading in readings})
    ruled_out = await this.kind.check(this.into, lines)
    for reading in readings:
        if reading.row.line in ruled_out:
            reading.faults.append(ruled_out[reading.row.line])
        if reading.faults:
            this.bad_rows.add(reading.row, reading.faults)
    good = [line for line in lines if line.number not in ruled_out]
    this.report.rows += len(readings)
    this.report.points += sum(this.kind.points(line.item) for line in good)
    return good


def _without_repeats(this: _Pass, lines: Sequence[Line], readings: Mapping[int, Reading]) -> list[Line]:
    """The lines of which no earlier one says the same of the same person; the others get a fault. Counts the persons as well."""
    facts = [_facts(this.kind, line) for line in lines]
    whose = [f"person\0{_whose(line)}" for line in lines]
    named = [(key, line.number) for line, keys in zip(lines, facts, strict=True) for key in keys]
    firsts = this.seen.first_lines(
        named + [(key, line.number) for line, key in zip(lines, whose, strict=True)]
    )
    kept = []
    for line, keys, person in zip(lines, facts, whose, strict=True):
        first = min(firsts[key] for key in keys)
        if first < line.number:
            readings[line.number].faults.append(f"和第 {first} 行重复：{this.kind.repeated}")
            continue
        kept.append(line)
        this.report.persons += firsts[person] == line.number
    return kept


def _facts(kind: Kind, line: Line) -> list[str]:
    """The keys that only one line may name: each of the person's ids, with what the line says of them."""
    ids = list(line.person.keys)
    if line.member_id is not None:
        ids.append(f"member\0{line.member_id}")
    same = kind.same(line.item)
    return [f"{one}\0{same}" for one in ids]


def _whose(line: Line) -> str:
    """One key of the person, to count them."""
    return line.person.keys[0] if line.person.keys else f"member\0{line.member_id}"


async def _book(this: _Pass, rows: Sequence[Row], lines: Sequence[Line]) -> None:
    booked: Booked = await this.kind.book(this.into, lines) if lines else Booked({})
    this.report.created += booked.created
    for line in lines:
        fate = booked.fates[line.number]
        if fate == DONE:
            this.report.done += 1
        elif fate == ALREADY:
            this.report.already += 1
        else:
            this.report.points -= this.kind.points(line.item)
            row = next(row for row in rows if row.line == line.number)
            this.bad_rows.add(row, [fate])


def _chunks(values: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(values)
    while chunk := list(islice(iterator, size)):
        yield chunk
