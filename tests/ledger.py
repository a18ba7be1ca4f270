"""Engine and database for a test: the demo's rules on an emptied database, and a clock that stands still until moved."""

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

import runtime.demo
from base.clock import MovableClock
from base.sealing import Keyring
from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.engine.engine import Engine
from loyalty.engine.feature import Feature
from loyalty.engine.outcomes import Decision
from loyalty.features import FEATURES
from loyalty.members.enrolment import Enrolled, Newcomer, enroll
from loyalty.opening import open_engine
from loyalty.programme.files.document import read_document
from loyalty.programme.in_force.live import LiveRules, rules_between
from loyalty.programme.publishing.publication import publish
from loyalty.programme.publishing.versions import newest
from loyalty.programme.rules import RuleSet
from loyalty.welcome import Welcomed
from models.database import open_database
from models.guards import drop_guards
from tests.warm import on_warm_connection

START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""A Monday morning, ten o'clock in Shanghai."""

ZONE = ZoneInfo("Asia/Shanghai")
DEMO_RULES = Path(runtime.demo.__file__).parent / "rules.yaml"
KEYS = Keyring("test-secret-key-of-the-house")
"""The keys of every test; `tests.house` and `tests.runtime.program` have the same secret."""

DAY_S = 86_400

MANY_BYTES = 64 * 8192
TABLES = """
SELECT tablename AS name,
    pg_relation_size(tablename::regclass) > $1 OR to_regclass('pg_dist_partition') IS NOT NULL AS is_large
FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'
"""
"""Whether a table is large is unknown on Citus, where its rows lie in shards."""
START_SEQUENCES = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE schemaname = 'public' AND last_value IS NOT NULL AND sequencename NOT LIKE 'tortoise_migrations%'
"""

MORE = ("packs", "missions", "polls")
"""Sections of the demo's file that tests have only where they name them: a mission gives each sign-in a second receipt.

Suggestions are left out of the demo's events and earning rules in the same way, as most tests have events of their own.
"""

MEMBER_TABLES = (
    "account", "lot", "receipt", "entry", "lot_use", "follow_up", "notice", "check_in", "draw", "redemption", "voucher_code",
    "referral", "meter", "shown", "hold", "tier_span",
)  # fmt: skip


@cache
def demo_rules() -> RuleSet:
    """The demo's rules without `MORE`, with the gift paid at the follow, so that a follower has something to spend; read once."""
    return rules_with()


@cache
def _demo_words() -> str:
    words = read_document(DEMO_RULES.read_text(encoding="utf-8")).value
    plain = {name: part for name, part in words.items() if name not in MORE}
    plain["events"] = [one for one in words["events"] if one["id"] != "suggestion"]
    plain["earning"] = [one for one in words["earning"] if one["on"] != "suggestion"]
    return json.dumps(plain | {"welcome": words["welcome"] | {"at": "follow"}})


def rules_with(**parts: Any) -> RuleSet:
    """The demo's rules without `MORE`, with these parts, in the words of the rule file; the gift is paid at the follow."""
    if isinstance(parts.get("welcome"), dict):
        parts["welcome"] = {"at": "follow"} | parts["welcome"]
    return RuleSet.model_validate_json(json.dumps(json.loads(_demo_words()) | parts))


def limited_wheel(wheel_id: str, stock: int) -> dict[str, Any]:
    """A wheel, in the words of the rule file, of which each spin wants a piece of the one prize; who comes late is consoled."""
    prizes = [
        {"id": "grand", "slot": 0, "name": "大奖", "level": "一等奖", "kind": "voucher", "odds_ppm": 1_000_000, "stock": stock,
         "substitute": "consolation", "may_end_in_nothing": True},
        {"id": "consolation", "slot": 1, "name": "安慰奖", "level": "参与奖", "kind": "none", "odds_ppm": 0},
    ]  # fmt: skip
    return {"id": wheel_id, "name": "限量转盘", "cost_points": 1, "draws_per_day": 1000, "prizes": prizes}


@dataclass
class Ledger:
    """Engine and database with the demo's rules published, for tests that need no door."""

    pool: asyncpg.Pool
    engine: Engine
    clock: MovableClock
    zone: ZoneInfo = ZONE
    database_url: str = ""
    features: tuple[Feature, ...] = FEATURES
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    async def member(self, **identities: str) -> int:
        """A new member, welcomed; named by made-up identities unless given."""
        number = next(self._numbers)
        given = tuple(identities.items()) or (("wx_test", f"openid-{number}"),)
        return (await enroll(self.engine, Newcomer(given, self.clock.now()))).member_id

    async def run(
        self, command: type[Command], /, member_id: int, key: str | None = None, **fields: Any
    ) -> Decision:
        """Run a command now, under a fresh request key unless one is given, and what it owes to others."""
        request_key = key or f"test:{next(self._numbers)}"
        decision = await self.engine.run(
            command(member_id=member_id, request_key=request_key, at=self.clock.now(), **fields)
        )
        await self.engine.settle()
        return decision

    async def give(self, member_id: int, points: int) -> None:
        """Let the member earn at least `points` by signing in day after day."""
        while await self.balance(member_id) < points:
            await self.run(CheckIn, member_id)
            self.clock.advance(DAY_S)

    async def balance(self, member_id: int) -> int:
        """The booked available points."""
        return int(await self.pool.fetchval("SELECT available FROM account WHERE member_id = $1", member_id))

    async def version(self, member_id: int) -> int:
        """The account's version: how many commands were recorded."""
        return int(await self.pool.fetchval("SELECT version FROM account WHERE member_id = $1", member_id))

    async def traces(self, member_id: int) -> dict[str, str | None]:
        """Every row of the member by table, and the shelf: what a refusal must leave alone."""
        rows = {
            table: await self.pool.fetchval(
                f"SELECT string_agg(t::text, ' ' ORDER BY t::text) FROM {table} t WHERE member_id = $1",  # noqa: S608  # our own names
                member_id,
            )
            for table in MEMBER_TABLES
        }
        return rows | {
            "stock": await self.pool.fetchval("SELECT string_agg(s::text, ' ' ORDER BY item) FROM stock s")
        }

    @asynccontextmanager
    async def rival(self, url: str | None = None, **pool_options: Any) -> AsyncIterator[Engine]:
        """Another engine with a pool of its own, as another process would have."""
        options = {"min_size": 1, "max_size": 4} | pool_options
        async with (
            asyncpg.create_pool(url or self.database_url, **options) as pool,
            open_engine(pool, self.clock, self.zone, KEYS, features=self.features) as engine,
        ):
            yield engine

    async def live(self) -> LiveRules:
        """The rules in force now."""
        now = self.clock.now()
        return (await rules_between(self.pool, now, now, self.zone)).at(now)

    async def publish_anew(self) -> None:
        """The demo's rules as version 1, after a test took them away."""
        await publish_demo(self.engine)

    async def publish(self, rules: RuleSet, *, in_s: float = 0, until_replaced: bool = False) -> int:
        """Publish another rule set, in force at once or in so many seconds, also a worse one. Raises Unchanged for equal rules."""
        return await publish(
            self.engine,
            rules,
            base=await newest(self.pool),
            effective_from=self.clock.now() + timedelta(seconds=in_s),
            by="test",
            reason="a test's own rules",
            until_replaced=until_replaced,
            urgent=True,
        )

    async def count(self, table: str, **where: object) -> int:
        """Rows of a table with these values."""
        clauses = "".join(f" AND {name} = ${place}" for place, name in enumerate(where, 1))
        return int(
            await self.pool.fetchval(f"SELECT count(*) FROM {table} WHERE true{clauses}", *where.values())  # noqa: S608  # a test's own names
        )


def gift_of(enrolled: Enrolled) -> int:
    """The points of the newcomer's gift among what enrolling brought."""
    return sum(one.points for one in enrolled.consequences if isinstance(one, Welcomed))


async def empty(pool: asyncpg.Pool) -> None:
    """Empty the pool's database; see `empty_through`."""
    async with pool.acquire() as connection:
        await empty_through(connection)


async def empty_through(connection: asyncpg.Connection) -> None:
    """Empty every table of ours and start the sequences again, without the guards that a test of `jifen migrate` may have left.

    Few rows are deleted: TRUNCATE makes new files for each table and index, which takes a quarter of a second.
    """
    await drop_guards(connection)
    tables = await connection.fetch(TABLES, MANY_BYTES)
    large = ", ".join(table["name"] for table in tables if table["is_large"])
    deletes = [f"DELETE FROM {table['name']}" for table in tables if not table["is_large"]]  # noqa: S608  # our own names
    truncate = [f"TRUNCATE {large} RESTART IDENTITY"] if large else []
    await connection.execute("; ".join([*deletes, *truncate, START_SEQUENCES]))


async def publish_demo(engine: Engine) -> None:
    """The demo's rules as version 1, in force from now."""
    await publish(engine, demo_rules(), base=0, by="test", reason="the demo's rules")


@asynccontextmanager
async def open_ledger(
    database_url: str, features: tuple[Feature, ...] = FEATURES, owner_url: str | None = None
) -> AsyncIterator[Ledger]:
    """A ledger on an emptied database; `owner_url` is the address of its tables' owner, where `database_url` is another's."""
    clock = MovableClock(START)
    await on_warm_connection(owner_url or database_url, empty_through)
    async with (
        open_database(database_url) as pool,
        open_engine(pool, clock, ZONE, KEYS, features=features) as engine,
    ):
        await publish_demo(engine)
        yield Ledger(pool, engine, clock, database_url=database_url, features=features)
