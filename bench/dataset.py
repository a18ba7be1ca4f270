"""The databases of the measures, each with a number of members."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg

from base.clock import MovableClock
from base.sealing import Keyring
from base.settings import Settings
from bench import data
from bench.cpu import postmaster_of
from bench.ground import SECRET_KEY, Ground, bench_settings
from bench.pattern import Programme
from bench.shop import Shop, fill_shop
from bench.template import Template, life
from bench.variations import varied
from loyalty.ledger.calendar import business_day
from loyalty.opening import open_engine
from loyalty.programme.files.reading import read_rules
from loyalty.programme.publishing.publication import publish
from models.database import migrate

RULES = Path(__file__).parent / "rules.yaml"
WHEEL = "hot"
SHOP = "shop"
"""The variation whose data are a whole shop (bench/shop.py)."""
LAPSED_DAYS = 800
"""How many days ago members of a lapsed dataset earned their last points: all have lapsed and nothing is booked."""


@dataclass(frozen=True)
class Spec:
    """A database to be filled: its name, its number of members, whether all points have lapsed without being booked, and what
    its rules have besides those of the bench (a key of `bench/variations.py`).
    """

    name: str
    members: int
    lapsed: bool = False
    variation: str = ""

    @property
    def usual_members(self) -> int:
        """The number of members with the usual history, of five entries, that take as much disk; a shop's have thirty each."""
        return 5 * self.members if self.variation == SHOP else self.members


@dataclass
class Dataset:
    """A filled database, and which of its members the measures have used."""

    name: str
    url: str
    members: int
    history: Template
    programme: Programme
    postmaster: int
    taken: dict[str, int] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    chat_answers: Counter[str] = field(default_factory=Counter)
    """Answers to 签到 by kind (bench/chat_answers.py)."""

    def take(self, what: str, count: int) -> int:
        """Take the next `count` members for `what` and return the first; for each `what` a member is used once."""
        first = self.taken.get(what, 0)
        self.taken[what] = first + count
        return first

    def set_taken(self, what: str, end: int) -> None:
        """Set that `what` has used the members up to `end` only; those beyond were prepared and not used."""
        self.taken[what] = end

    def note(self, what: str, count: int) -> None:
        """Add to the number of acknowledged operations, which is compared with the database at the end."""
        self.acknowledged[what] = self.acknowledged.get(what, 0) + count

    def left(self, what: str) -> int:
        """How many members `what` has not used yet."""
        return self.members - self.taken.get(what, 0)


OWN_KEYS = Keyring(SECRET_KEY)


def programme_of(settings: Settings, variation: str = "") -> Programme:
    """The measured programme, with the app ids of these settings."""
    rules = varied(read_rules(RULES), variation)
    return Programme(settings.oa_app_id or "", settings.miniapp_app_id or "", rules, settings.timezone)


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
    programme = programme_of(bench_settings(ground, spec.name), spec.variation)
    if spec.variation == SHOP:
        await publish_and_fill_shop(url, programme, spec.members, progress)
    else:
        await publish_and_fill(url, programme, spec.members, last_day(spec, programme.zone), progress)


def open_dataset(ground: Ground, spec: Spec) -> Dataset:
    """A database that `make_dataset` filled, on the running server."""
    programme = programme_of(bench_settings(ground, spec.name), spec.variation)
    history = life(programme.rules, programme.zone, last_day(spec, programme.zone))
    url = ground.database(spec.name)
    return Dataset(spec.name, url, spec.members, history, programme, asyncio.run(_postmaster(url)))


async def _postmaster(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return postmaster_of(await connection.fetchval("SELECT pg_backend_pid()"))
    finally:
        await connection.close()


def refill(dataset: Dataset) -> None:
    """Restore the members' history, so that all members can be used again."""
    asyncio.run(data.fill(dataset.url, dataset.programme, dataset.history, dataset.members))
    dataset.taken.clear()
    dataset.acknowledged.clear()
    dataset.chat_answers.clear()


async def publish_and_fill(
    url: str,
    programme: Programme,
    members: int,
    last_day: date,
    progress: data.Progress = lambda *_: None,
    keyring: Keyring = OWN_KEYS,
) -> Template:
    """Publish the rules in a migrated database and give members a history that ends with `last_day`; returns the history.

    `keyring` seals the seeds of its wheels.
    """
    history = life(programme.rules, programme.zone, last_day)
    await _publish(url, programme, history.joined_at, keyring)
    await data.fill(url, programme, history, members, progress)
    return history


async def _publish(url: str, programme: Programme, at: datetime, keyring: Keyring) -> None:
    async with (
        asyncpg.create_pool(url, min_size=1, max_size=2) as pool,
        open_engine(pool, MovableClock(at), programme.zone, keyring) as engine,
    ):
        await publish(engine, programme.rules, base=0, by="bench", reason="what is measured")


async def publish_and_fill_shop(
    url: str,
    programme: Programme,
    members: int,
    progress: data.Progress = lambda *_: None,
    keyring: Keyring = OWN_KEYS,
) -> Shop:
    """Publish the rules in a migrated database and fill it with a shop up to now."""
    shop = Shop.of(members)
    await _publish(url, programme, shop.end - timedelta(days=shop.days + 1), keyring)
    await fill_shop(url, programme, shop, progress)
    return shop


def drop_dataset(ground: Ground, dataset: Dataset) -> None:
    """Drop the database to free its disk space."""
    asyncio.run(run_sql(ground.database_url, f"DROP DATABASE {dataset.name} WITH (FORCE)"))


async def run_sql(url: str, statement: str) -> None:
    """Run one statement outside a transaction."""
    connection = await asyncpg.connect(url, command_timeout=None)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def checkpoint(dataset: Dataset) -> None:
    """Write all dirty pages, so that no measure includes the writes of the one before."""
    asyncio.run(run_sql(dataset.url, "CHECKPOINT"))


def one_value(dataset: Dataset, question: str, *arguments: object) -> int:
    """The number that a query returns."""
    return asyncio.run(_value(dataset.url, question, *arguments))


async def _value(url: str, question: str, *arguments: object) -> int:
    connection = await asyncpg.connect(url, command_timeout=None)
    try:
        return int(await connection.fetchval(question, *arguments))
    finally:
        await connection.close()


def today(zone: ZoneInfo) -> date:
    """The present business day."""
    return business_day(datetime.now(UTC), zone)
