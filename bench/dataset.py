"""Databases of so many members each, made when a measure first asks for them."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg

from base.clock import MovableClock
from base.settings import Settings
from bench import data
from bench.cpu import postmaster_of
from bench.ground import Ground, bench_settings
from bench.pattern import Programme
from bench.template import Template, life
from loyalty.ledger.calendar import business_day
from loyalty.opening import open_engine
from loyalty.programme.files import read_rules
from loyalty.programme.publication import publish
from models.database import migrate

RULES = Path(__file__).parent / "rules.yaml"
WHEEL = "hot"
LAPSED_DAYS = 800
"""So long ago the last points were earned where everything has lapsed and nothing is booked."""


@dataclass(frozen=True)
class Spec:
    """A database to be made: its name, how many members, and whether all their points are past their day and not booked."""

    name: str
    members: int
    lapsed: bool = False


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

    def took(self, what: str, end: int) -> None:
        """The walk came only to `end`: what lies beyond was made ready and not used."""
        self.taken[what] = end

    def note(self, what: str, count: int) -> None:
        """Remember that so many were acknowledged, to be compared with what the database holds at the end."""
        self.acknowledged[what] = self.acknowledged.get(what, 0) + count

    def left(self, what: str) -> int:
        """How many members the walk has not met yet."""
        return self.members - self.taken.get(what, 0)


def programme_of(settings: Settings) -> Programme:
    """The measured programme under these settings' accounts."""
    return Programme(
        settings.oa_app_id or "", settings.miniapp_app_id or "", read_rules(RULES), settings.timezone
    )


def last_day(spec: Spec, zone: ZoneInfo) -> date:
    """The day of the members' latest sign-in."""
    return today(zone) - timedelta(days=LAPSED_DAYS if spec.lapsed else 1)


def make_dataset(ground: Ground, spec: Spec, progress: data.Progress = lambda *_: None) -> None:
    """Create and fill a database."""
    asyncio.run(_make(ground, spec, progress))


async def _make(ground: Ground, spec: Spec, progress: data.Progress) -> None:
    await run_sql(ground.database_url, f"DROP DATABASE IF EXISTS {spec.name} WITH (FORCE)")
    await run_sql(ground.database_url, f"CREATE DATABASE {spec.name}")
    url = ground.database(spec.name)
    await migrate(url)
    programme = programme_of(bench_settings(ground, spec.name))
    await settle(url, programme, spec.members, last_day(spec, programme.zone), progress)


def open_dataset(ground: Ground, spec: Spec) -> Dataset:
    """A database that `make_dataset` made, on the server as it runs now."""
    programme = programme_of(bench_settings(ground, spec.name))
    lived = life(programme.rules, programme.zone, last_day(spec, programme.zone))
    url = ground.database(spec.name)
    return Dataset(spec.name, url, spec.members, lived, programme, asyncio.run(_postmaster(url)))


async def _postmaster(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return postmaster_of(await connection.fetchval("SELECT pg_backend_pid()"))
    finally:
        await connection.close()


def refill(dataset: Dataset) -> None:
    """Give the members their past anew and forget what was done since."""
    asyncio.run(data.fill(dataset.url, dataset.programme, dataset.lived, dataset.members))
    dataset.taken.clear()
    dataset.acknowledged.clear()


async def settle(
    url: str, programme: Programme, members: int, last_day: date, progress: data.Progress = lambda *_: None
) -> Template:
    """Publish the rules in a migrated database and give members a past that ends with `last_day`; that past."""
    lived = life(programme.rules, programme.zone, last_day)
    async with (
        asyncpg.create_pool(url, min_size=1, max_size=2) as pool,
        open_engine(pool, MovableClock(lived.joined_at), programme.zone) as engine,
    ):
        await publish(engine, programme.rules, base=0, by="bench", reason="what is measured")
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
    return asyncio.run(_value(dataset.url, question, *arguments))


async def _value(url: str, question: str, *arguments: object) -> int:
    connection = await asyncpg.connect(url, command_timeout=None)
    try:
        return int(await connection.fetchval(question, *arguments))
    finally:
        await connection.close()


def today(zone: ZoneInfo) -> date:
    """The business day it is."""
    return business_day(datetime.now(UTC), zone)
