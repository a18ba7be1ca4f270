"""Pages over all members, computed once a night: their statements group a year of facts by person and take too long for a page."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import asyncpg
from pydantic import TypeAdapter

from loyalty.ledger.calendar import add_months
from loyalty.numbers.ages import Age, ages
from loyalty.numbers.cohorts import Cohort, Stage, cohorts, funnel
from loyalty.numbers.daily import MembersOn, members_by_day
from loyalty.numbers.liability import Outstanding, outstanding
from loyalty.numbers.members import Rates, Segment, matrix, rates
from loyalty.numbers.stale import Stale, stale
from loyalty.programme.rules import RuleSet

MONTHS: Final = 12
SPAN_DAYS: Final = 30
SHOWN_DAYS: Final = 90
"""The days of which members are counted day by day."""

STORE: Final = """
INSERT INTO number_snapshot (name, day, content, noted_at) VALUES ($1, $2, $3::text::jsonb, $4)
ON CONFLICT (name) DO UPDATE SET day = excluded.day, content = excluded.content, noted_at = excluded.noted_at
"""
READ: Final = "SELECT day, content::text AS content, noted_at FROM number_snapshot WHERE name = $1"


class MatrixCell(NamedTuple):
    """The members of one tier in one segment."""

    tier: str
    segment: Segment
    members: int


class Snapshot(NamedTuple):
    """What a page says at the end of a day, and when it was computed."""

    day: date
    content: Any
    noted_at: datetime


async def _rates(pool: asyncpg.Pool, day: date, rules: RuleSet) -> Rates:
    return await rates(pool, date.fromordinal(day.toordinal() - SPAN_DAYS + 1), day, rules.figures.activity)


async def _matrix(pool: asyncpg.Pool, day: date, rules: RuleSet) -> list[MatrixCell]:
    found = await matrix(pool, day, rules)
    return [MatrixCell(tier, segment, members) for (tier, segment), members in sorted(found.items())]


async def _cohorts(pool: asyncpg.Pool, day: date, _: RuleSet) -> list[Cohort]:
    return list(await cohorts(pool, add_months(day.replace(day=1), -MONTHS), day))


async def _funnel(pool: asyncpg.Pool, day: date, _: RuleSet) -> list[Stage]:
    return list(await funnel(pool, add_months(day.replace(day=1), -MONTHS), day))


async def _stale(pool: asyncpg.Pool, day: date, rules: RuleSet) -> Stale:
    cheapest = min((one.price_points for one in rules.rewards), default=None)
    return await stale(pool, day, rules.figures, cheapest)


async def _days(pool: asyncpg.Pool, day: date, rules: RuleSet) -> list[MembersOn]:
    first = date.fromordinal(day.toordinal() - SHOWN_DAYS + 1)
    return list(await members_by_day(pool, first, day, rules.figures.activity.active_days))


async def _ages(pool: asyncpg.Pool, day: date, _: RuleSet) -> list[Age]:
    return list(await ages(pool, day))


async def _outstanding(pool: asyncpg.Pool, _: date, rules: RuleSet) -> Outstanding:
    return await outstanding(pool, rules.figures.point_cost_fen)


Compute = Callable[[asyncpg.Pool, date, RuleSet], Awaitable[Any]]
SNAPSHOTS: Final[Mapping[str, tuple[Compute, TypeAdapter[Any]]]] = {
    "members": (_rates, TypeAdapter(Rates)),
    "segments": (_matrix, TypeAdapter(list[MatrixCell])),
    "cohorts": (_cohorts, TypeAdapter(list[Cohort])),
    "funnel": (_funnel, TypeAdapter(list[Stage])),
    "stale": (_stale, TypeAdapter(Stale)),
    "days": (_days, TypeAdapter(list[MembersOn])),
    "ages": (_ages, TypeAdapter(list[Age])),
    "outstanding": (_outstanding, TypeAdapter(Outstanding)),
}
"""How each page is computed, and the shape in which it is stored."""


async def snapshot_now(pool: asyncpg.Pool, name: str, day: date, rules: RuleSet, now: datetime) -> Snapshot:
    """A page computed as of the end of a day, for before the first night."""
    return Snapshot(day, await SNAPSHOTS[name][0](pool, day, rules), now)


async def take_snapshots(pool: asyncpg.Pool, day: date, rules: RuleSet, now: datetime) -> None:
    """Compute every page as of the end of a day, and keep it in place of the one before.

    The pool should have no statement timeout.
    """
    for name, (compute, shape) in SNAPSHOTS.items():
        content = shape.dump_json(await compute(pool, day, rules)).decode()
        await pool.execute(STORE, name, day, content, now)


async def snapshot_of(database: asyncpg.Pool, name: str) -> Snapshot | None:
    """The latest snapshot of a page of SNAPSHOTS; None before the first night."""
    row = await database.fetchrow(READ, name)
    if row is None:
        return None
    return Snapshot(row["day"], SNAPSHOTS[name][1].validate_json(row["content"]), row["noted_at"])
