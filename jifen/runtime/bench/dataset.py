"""Databases of so many members each, made when a measure first asks for them."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg

from jifen.loyalty.calendar import business_day
from jifen.loyalty.engine import Engine
from jifen.loyalty.publishing import read_rules
from jifen.models.database import migrate
from jifen.runtime.bench import data
from jifen.runtime.bench.cpu import postmaster_of
from jifen.runtime.bench.data import Programme
from jifen.runtime.bench.ground import Ground, bench_settings
from jifen.runtime.bench.template import Template, life
from jifen.runtime.clock import FixedClock

RULES = Path(__file__).parent / "rules.yaml"
WHEEL = "hot"
LAPSED_DAYS = 800
"""So long ago the last points were earned where everything has lapsed and nothing is booked."""


@dataclass
class Dataset:
    """A filled database, and how much of it the measures have used up."""

    name: str
    url: str
    members: int
    lived: Template
    programme: Programme
    postmaster: int
    taken: dict[str, int] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)

    def take(self, what: str, count: int) -> int:
        """The first of the next `count` members in a walk of its own for each `what`; each is met once."""
        first = self.taken.get(what, 0)
        self.taken[what] = first + count
        return first

    def note(self, what: str, count: int) -> None:
        """Remember that so many were acknowledged, to be compared with what the database holds at the end."""
        self.acknowledged[what] = self.acknowledged.get(what, 0) + count

    def left(self, what: str) -> int:
        """How many members the walk has not met yet."""
        return self.members - self.taken.get(what, 0)


def make_dataset(
    ground: Ground, name: str, members: int, progress: data.Progress, *, lapsed: bool = False
) -> Dataset:
    """Create and fill a database; `lapsed`: all its points are past their day and not booked."""
    return asyncio.run(_make(ground, name, members, progress, lapsed=lapsed))


async def _make(ground: Ground, name: str, members: int, progress: data.Progress, *, lapsed: bool) -> Dataset:
    url = ground.database(name)
    settings = bench_settings(ground, name, http_port=1, metrics_port=1)
    main = await asyncpg.connect(ground.database_url)
    try:
        await main.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await main.execute(f"CREATE DATABASE {name}")
        postmaster = postmaster_of(await main.fetchval("SELECT pg_backend_pid()"))
    finally:
        await main.close()
    await migrate(url)
    programme = Programme(
        settings.oa_app_id or "", settings.miniapp_app_id or "", read_rules(RULES), settings.timezone
    )
    last_day = today(programme.zone) - timedelta(days=LAPSED_DAYS if lapsed else 1)
    lived = await settle(url, programme, members, last_day, progress)
    return Dataset(name, url, members, lived, programme, postmaster)


async def settle(
    url: str, programme: Programme, members: int, last_day: date, progress: data.Progress = lambda *_: None
) -> Template:
    """Publish the rules in a migrated database and give members a past that ends with `last_day`; that past."""
    lived = life(programme.rules, programme.zone, last_day)
    async with (
        asyncpg.create_pool(url, min_size=1, max_size=2) as pool,
        Engine(pool, FixedClock(lived.joined_at), programme.zone) as engine,
    ):
        await engine.publish(programme.rules, base=0, by="bench", reason="what is measured")
    await data.fill(url, programme, lived, members, progress)
    return lived


def drop_dataset(ground: Ground, dataset: Dataset) -> None:
    """Give the disk back."""
    asyncio.run(run_sql(ground.database_url, f"DROP DATABASE {dataset.name} WITH (FORCE)"))


async def run_sql(url: str, statement: str) -> None:
    """One statement outside any transaction."""
    connection = await asyncpg.connect(url, command_timeout=None)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def checkpoint(dataset: Dataset) -> None:
    """Write all dirty pages, so that no measure pays for what another left."""
    asyncio.run(run_sql(dataset.url, "CHECKPOINT"))


def one_value(dataset: Dataset, question: str, *arguments: object) -> int:
    """The number a query answers."""

    async def ask() -> int:
        connection = await asyncpg.connect(dataset.url, command_timeout=None)
        try:
            return int(await connection.fetchval(question, *arguments))
        finally:
            await connection.close()

    return asyncio.run(ask())


def today(zone: ZoneInfo) -> date:
    """The business day it is."""
    return business_day(datetime.now(UTC), zone)
