"""What a member did within the periods that tiers look at: growth, days signed in, and what orders cost less what was refunded.

No receipt of the member's tells it in one place, so a trace keeps it (`Read.note`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg
from pydantic import TypeAdapter

from loyalty.engine.command import Command, DatedCommand
from loyalty.engine.reads import Note, Read, ReadRequest, SharedNote, SharedRead, SharedRequest
from loyalty.ledger.calendar import day_start
from loyalty.tiers.ladder import Metrics
from loyalty.tiers.periods import ONE_DAY, windows

EVER: Final = "ever"
MOVED: Final = ("merged_in", "merged_out", "split_in", "split_out", "moved_growth")
"""Entries of merging: the points had been earned before, and the entries of the merged member tell when."""
SELECT_GROWTH = """
SELECT u.place, sum(CASE WHEN e.src = 'issued' THEN e.amount ELSE -e.amount END)::bigint AS growth
FROM unnest($1::int[], $2::bigint[], $3::timestamptz[], $4::timestamptz[]) AS u(place, member_id, since, until)
JOIN entry e ON e.member_id = u.member_id AND e.posted_at >= u.since AND e.posted_at < u.until
WHERE (e.src = 'issued' OR e.dst = 'issued') AND e.reason <> ALL($5::text[])
GROUP BY u.place
"""
SELECT_GROWN = """
SELECT u.place, sum(g.amount)::bigint AS growth
FROM unnest($1::int[], $2::bigint[], $3::timestamptz[], $4::timestamptz[]) AS u(place, member_id, since, until)
JOIN growth_entry g ON g.member_id = u.member_id
JOIN receipt r ON r.member_id = g.member_id AND r.no = g.receipt_no AND r.posted_at >= u.since AND r.posted_at < u.until
GROUP BY u.place
"""
SELECT_SPENT = """
SELECT u.place, sum(p.amount_fen - p.refunded_fen)::bigint AS fen
FROM unnest($1::int[], $2::bigint[], $3::date[], $4::date[]) AS u(place, member_id, since, until)
JOIN purchase p ON p.member_id = u.member_id AND p.day >= u.since AND p.day < u.until AND p.moved_at IS NULL
GROUP BY u.place
"""
SELECT_DAYS = """
SELECT u.place, count(DISTINCT c.day) AS days
FROM unnest($1::int[], $2::bigint[], $3::date[], $4::date[]) AS u(place, member_id, since, until)
JOIN check_in c ON c.member_id = u.member_id AND c.day >= u.since AND c.day < u.until
GROUP BY u.place
"""


class Asked(NamedTuple):
    """Whose numbers to take: a member, those merged into them, and the last day that counts."""

    member_id: int
    persons: Sequence[int]
    last: date


class Window(NamedTuple):
    """A period of one member: its first day, and the day after its last."""

    member_id: int
    period: str
    persons: Sequence[int]
    since: date
    until: date


@dataclass(frozen=True, kw_only=True)
class Measuring(Command):
    """A command that takes the member's numbers up to the day before `until`, or up to its own day without one."""

    until: date | None = None

    def last_day(self, day: date) -> date:
        """The last day that counts, for a command of the business day `day`."""
        return day if self.until is None else self.until - ONE_DAY


async def measure(
    database: asyncpg.Connection | asyncpg.Pool, asked: Sequence[Asked], zone: ZoneInfo
) -> dict[int, dict[str, Metrics]]:
    """The numbers of many members by period. The growth of `ever` is missing: the account has it."""
    found = [window for one in asked for window in _windows(one)]
    growth = await _grown(database, [one for one in found if one.period != EVER], zone)
    days, spent = await _by_day(database, SELECT_DAYS, found), await _by_day(database, SELECT_SPENT, found)
    measured: dict[int, dict[str, Metrics]] = defaultdict(dict)
    for window in found:
        key = window[:2]
        measured[window.member_id][window.period] = Metrics(growth[key], days[key], spent[key])
    return measured


def _windows(one: Asked) -> Iterator[Window]:
    yield Window(one.member_id, EVER, one.persons, date(1, 1, 1), one.last + ONE_DAY)
    for period, (since, until) in windows(one.last).items():
        yield Window(one.member_id, period, one.persons, since, until)


Sums = Counter[tuple[int, str]]


async def _grown(
    database: asyncpg.Connection | asyncpg.Pool, found: Sequence[Window], zone: ZoneInfo
) -> Sums:
    places, persons = _persons(found)
    since = [day_start(found[place].since, zone) for place in places]
    until = [day_start(found[place].until, zone) for place in places]
    rows = await database.fetch(SELECT_GROWTH, places, persons, since, until, MOVED)
    rows += await database.fetch(SELECT_GROWN, places, persons, since, until)
    return _summed(found, rows)


async def _by_day(
    database: asyncpg.Connection | asyncpg.Pool, statement: str, found: Sequence[Window]
) -> Sums:
    places, persons = _persons(found)
    since = [found[place].since for place in places]
    until = [found[place].until for place in places]
    return _summed(found, await database.fetch(statement, places, persons, since, until))


def _summed(found: Sequence[Window], rows: Iterable[asyncpg.Record]) -> Sums:
    sums: Sums = Counter()
    for place, value in rows:
        sums[found[place][:2]] += value
    return sums


def _persons(found: Sequence[Window]) -> tuple[list[int], list[int]]:
    pairs = [(place, person) for place, window in enumerate(found) for person in window.persons]
    return [place for place, _ in pairs], [person for _, person in pairs]


async def _zone(request: SharedRequest) -> ZoneInfo:
    return request.present.zone


async def _no_rows(_: object, __: object) -> None:
    return None


ZONE: Final = SharedRead[ZoneInfo](
    "the zone of the business days",
    _zone,
    SharedNote("zone", lambda zone, _: zone.key, _no_rows, lambda _, noted: ZoneInfo(noted)),
)
"""Where a period begins depends on it. The trace keeps its name."""


async def _measured(request: ReadRequest) -> Mapping[int, Mapping[str, Metrics]]:
    asked = [_asked(request, one) for one in request.commands]
    return await measure(request.connection, asked, request.shared[ZONE])


def _asked(request: ReadRequest, one: DatedCommand) -> Asked:
    member_id, command = one.command.member_id, one.command
    last = command.last_day(one.day) if isinstance(command, Measuring) else one.day
    return Asked(member_id, (member_id, *request.halves.get(member_id, ())), last)


MEASURED: Final = Read[Mapping[str, Metrics]](
    "growth, signed days and spend by period",
    _measured,
    {},
    note=Note("measured", TypeAdapter(Mapping[str, Metrics])),
)
