"""No page of numbers reads entries or receipts: each reads facts by their keys, or what the night computed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import asyncpg
import pytest

from console.kept import KEEP
from console.page import Visit
from console.pages.figures import FIGURES
from console.pages.figures.members import read_roi
from loyalty.numbers.cells import LARGEST, members_in
from loyalty.numbers.overview import overview
from loyalty.numbers.reports import DIMENSIONS, by_dimension
from loyalty.numbers.snapshots import take_snapshots
from tests.console.figures import asked_of
from tests.console.test_figures import FIRST, TODAY
from tests.ledger import ZONE, Ledger, demo_rules
from tests.loyalty.numbers.golden import Day, accounts, member_days
from tests.loyalty.numbers.test_overview import shown

FACTS = {"daily_fact", "minute_fact", "member_day"}
SMALL = {"number_feed", "number_snapshot", "number_alert", "reconciliation"}
BALANCES = {"account", "lot", "merged_half", "tier_span"}
"""Read once in a while, and kept: a row or a few for each member."""
TABLES = re.compile(r"\b(?:(?<!isodow )FROM|JOIN)\s+([a-z_]+)")


class Recorder:
    """A pool that notes what is read through it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.read: list[tuple[str, tuple[Any, ...]]] = []

    async def fetch(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        self.read.append((statement, values))
        return list(await self.pool.fetch(statement, *values))

    async def fetchrow(self, statement: str, *values: Any) -> asyncpg.Record | None:
        self.read.append((statement, values))
        return await self.pool.fetchrow(statement, *values)

    async def fetchval(self, statement: str, *values: Any) -> Any:
        self.read.append((statement, values))
        return await self.pool.fetchval(statement, *values)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    KEEP.done.clear()
    yield
    KEEP.done.clear()


async def test_pages_read_facts_by_their_keys_and_never_entries(ledger: Ledger) -> None:
    await shown(ledger)
    await accounts(ledger, {1: 5})
    await member_days(ledger, [Day(1, TODAY, 1)])
    rules, recorder = demo_rules(), Recorder(ledger.pool)
    await take_snapshots(ledger.pool, TODAY - timedelta(days=1), rules, ledger.clock.now())
    pool = cast("asyncpg.Pool", recorder)
    asked = asked_of(ledger, rules, FIRST, TODAY)
    visit = Visit(asked.visit.desk, cast("Any", type("R", (), {"pool": pool, "zone": ZONE})()))
    asked = asked._replace(visit=visit)
    for figure in FIGURES:
        await figure.read(asked)
    for dimension in DIMENSIONS:
        await by_dimension(pool, FIRST, TODAY, dimension, rules)
    await overview(pool, ledger.clock.now(), ZONE)
    await read_roi(asked, TODAY)
    assert {table for statement, _ in recorder.read for table in TABLES.findall(statement)} <= (
        FACTS | SMALL | BALANCES
    )
    await members_in(pool, TODAY, rules, rules.tiers[0].id, "low", LARGEST, 50)
    facts = [one for one in recorder.read if FACTS & set(TABLES.findall(one[0]))]
    assert len(facts) > len(DIMENSIONS)
    async with ledger.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL enable_seqscan = off")
        for statement, values in facts:
            plan = "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {statement}", *values))
            assert "Seq Scan" not in plan, f"{statement}\n{plan}"
