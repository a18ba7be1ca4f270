"""What can be imported: how a row of each kind is read, checked and booked."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.bookers import Bookers
from loyalty.engine.command import Command
from loyalty.engine.engine import Engine
from loyalty.engine.outcomes import Decision
from moving.persons import Person, Providers
from moving.reading import Reading


@dataclass(frozen=True)
class Import:
    """The circumstances of one import. A large one has `bookers`, which run its commands; nobody else runs any of them.

    Whoever books lines holds `turn` until their commands are begun, so that lines of a member are booked in the order of the file.
    """

    engine: Engine
    pool: asyncpg.Pool
    zone: ZoneInfo
    providers: Providers
    digest: str
    today: date
    bookers: Bookers | None = None
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def run_all(self, commands: Iterable[Command]) -> asyncio.Task[list[Decision]]:
        """As `Engine.run_all`, by the booking processes if there are any. The commands of a call go before those of the next."""
        return asyncio.create_task((self.bookers or self.engine).run_all(commands))


class Line(NamedTuple):
    """A good row: its line, whom it speaks of, their member if known, and what the kind has read of it.

    `complete`: all ids of the person lead to that member already.
    """

    number: int
    person: Person
    member_id: int | None
    item: Any
    complete: bool = False


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
