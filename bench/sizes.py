"""Measures bytes per row and WAL per command: members use the program for some weeks through the real engine, then the catalogue is
read. `python -m bench.sizes` prints the figures that docs/scale.md computes with.

Rows are written in the order of events and not set-based, so tables and indexes have the gaps that they have in production.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg

from base.clock import MovableClock, SystemClock
from bench.dataset import run_sql
from bench.ground import Ground, bench_settings, open_ground
from bench.lives import Lives
from loyalty.programme.files.reading import read_rules
from loyalty.programme.publishing.publication import publish
from loyalty.programme.rules import RuleSet
from models.database import migrate
from runtime.resources import open_resources
from tasks.expiry import expire_points, warn_expiring
from tasks.wakeup import wake_silent

DATABASE = "sizes"
RULES = Path(__file__).parents[1] / "runtime" / "demo" / "rules.yaml"
TABLES = """
SELECT c.oid::regclass::text AS name, pg_table_size(c.oid) AS heap,
    (SELECT json_object_agg(i.indexrelid::regclass, pg_relation_size(i.indexrelid)) FROM pg_index i WHERE i.indrelid = c.oid)
        AS indexes
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'tortoise_migrations'
ORDER BY 1
"""
BY_COMMAND = """
SELECT r.command, count(*) AS receipts, avg(pg_column_size(r))::float8 AS bytes, sum(e.n)::float8 / count(*) AS entries,
    sum(u.n)::float8 / count(*) AS lot_uses
FROM receipt r
LEFT JOIN LATERAL (SELECT count(*) AS n FROM entry WHERE member_id = r.member_id AND receipt_no = r.no) e ON true
LEFT JOIN LATERAL (SELECT count(*) AS n FROM lot_use WHERE member_id = r.member_id AND receipt_no = r.no) u ON true
GROUP BY r.command ORDER BY receipts DESC
"""


@dataclass(frozen=True)
class Sizes:
    """Rows and bytes by table (`heap` with TOAST, indexes by name), commands and WAL bytes by kind of work, receipts by command.

    Receipts come with the average number of entries and lot uses of each.
    """

    rows: dict[str, int]
    heap: dict[str, int]
    indexes: dict[str, dict[str, int]]
    wal: dict[str, tuple[int, int]]
    commands: list[asyncpg.Record]

    def lines(self) -> Iterator[str]:
        """The figures as tables of Markdown."""
        yield "| table | rows | heap, bytes per row | indexes, bytes per row | together |"
        yield "|---|---:|---:|---|---:|"
        for name, rows in self.rows.items():
            if rows:
                indexes = {key: size / rows for key, size in self.indexes[name].items()}
                shown = ", ".join(f"{key} {size:.0f}" for key, size in indexes.items())
                heap = self.heap[name] / rows
                yield f"| {name} | {rows:,} | {heap:.0f} | {shown} | {heap + sum(indexes.values()):.0f} |"
        yield ""
        yield "| what | commands | WAL, bytes each |"
        yield "|---|---:|---:|"
        for what, (commands, written) in self.wal.items():
            yield f"| {what} | {commands:,} | {written / max(commands, 1):,.0f} |"
        yield ""
        yield "| command | receipts | bytes of one | entries | lot uses |"
        yield "|---|---:|---:|---:|---:|"
        for row in self.commands:
            yield (
                f"| {row['command']} | {row['receipts']:,} | {row['bytes']:.0f} | {row['entries']:.2f} | {row['lot_uses']:.2f} |"
            )


def measure_sizes(folder: Path, members: int, days: int) -> Sizes:
    """Let `members` use the program for `days` days, then wake them, warn them and let their points lapse."""
    now = SystemClock().now()
    with open_ground(folder, _build) as ground:
        return asyncio.run(_live(ground, members, days, now))


def _build(ground: Ground) -> None:
    async def build() -> None:
        await run_sql(ground.database_url, f"CREATE DATABASE {DATABASE}")
        await migrate(ground.database(DATABASE))

    asyncio.run(build())


async def _live(ground: Ground, members: int, days: int, now: datetime) -> Sizes:
    clock = MovableClock(now)
    async with open_resources(bench_settings(ground, DATABASE), clock) as resources:
        await publish(resources.engine, _ample(), base=0, by="bench", reason="what is measured")
        lives = Lives(resources, clock)
        for number in range(days):
            if number < 5:
                await lives.join(members // 5)
            await lives.day()
            clock.advance(86_400)
        for wal_compression in ("off", "on"):
            await lives.sign_in_cold(wal_compression)
        clock.advance(timedelta(days=31).total_seconds())
        await lives.sweep("waking the silent", wake_silent)
        clock.move_to(now + timedelta(days=360))
        await lives.sweep("warning of lapse", warn_expiring)
        clock.advance(timedelta(days=60 + days).total_seconds())
        await lives.sweep("lapse", expire_points)
        return await _sizes(resources.pool, lives.wal)


def _ample() -> RuleSet:
    """The demo's rules with stock for all members."""
    body = read_rules(RULES).model_dump(mode="json")
    for limited in (*body["rewards"], *(prize for wheel in body["wheels"] for prize in wheel["prizes"])):
        limited["stock"] = limited["stock"] and limited["stock"] * 100_000
    return RuleSet.model_validate_json(json.dumps(body))


async def _sizes(pool: asyncpg.Pool, wal: dict[str, tuple[int, int]]) -> Sizes:
    await pool.execute("VACUUM (ANALYZE)", timeout=600)
    tables = await pool.fetch(TABLES)
    rows = {table["name"]: await pool.fetchval(f"SELECT count(*) FROM {table['name']}") for table in tables}  # noqa: S608  # our own
    return Sizes(
        rows,
        {table["name"]: table["heap"] for table in tables},
        {table["name"]: json.loads(table["indexes"]) for table in tables},
        wal,
        await pool.fetch(BY_COMMAND, timeout=600),
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--folder", type=Path, default=Path("var/sizes"))
    chosen = parser.parse_args()
    for line in measure_sizes(chosen.folder, chosen.members, chosen.days).lines():
        print(line)
