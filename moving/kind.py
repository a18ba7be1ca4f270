"""What can be imported: how a row of each kind is read, checked and booked."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.engine.engine import Engine
from moving.persons import Person, Providers
from moving.reading import Reading


@dataclass(frozen=True)
class Import:
    """The circumstances of one import."""

    engine: Engine
    pool: asyncpg.Pool
    zone: ZoneInfo
    providers: Providers
    digest: str
    today: date


class Line(NamedTuple):
    """A good row: its line, whom it speaks of, their member if known, and what the kind has read of it."""

    number: int
    person: Person
    member_id: int | None
    item: Any


DONE: Final = "done"
ALREADY: Final = "already"


class Booked(NamedTuple):
    """What became of lines, by their numbers: DONE, ALREADY, or a fault in Chinese; and how many members are new."""

    fates: Mapping[int, str]
    created: int = 0


@dataclass(frozen=True)
class Kind:
    """One kind of table.

    `read(reading, today)` gives the item of a row. `same(item)` is what makes two lines of one person the same, and `repeated` says
    in Chinese what two such lines share. `points(item)` counts towards the totals. `check(import, lines)` finds lines that the
    database rules out, with the reason in Chinese. `book` makes good lines true; it is safe to repeat.
    """

    name: str
    title: str
    fields: tuple[str, ...]
    needed: tuple[str, ...]
    read: Callable[[Reading, date], Any]
    same: Callable[[Any], str]
    repeated: str
    points: Callable[[Any], int]
    check: Callable[[Import, Sequence[Line]], Awaitable[Mapping[int, str]]]
    book: Callable[[Import, Sequence[Line]], Awaitable[Booked]]
