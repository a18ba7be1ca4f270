"""Measures bytes per row and WAL per command: members use the program for some weeks through the real engine, then the catalogue is
read. `python -m bench.sizes` prints the figures that docs/scale.md computes with.

Rows are written in the order of events and not set-based, so tables and indexes have the gaps that they have in production.
"""

import argparse
import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import asyncpg

from base.clock import MovableClock, SystemClock
from bench.dataset import run_sql
from bench.ground import Ground, bench_settings, open_ground
from channels import consent
from channels.identity import set_following
from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.games.commands import Draw
from loyalty.members.enrolment import Newcomer, enroll
from loyalty.members.identities import UNIONID
from loyalty.programme.files.reading import read_rules
from loyalty.programme.publishing.publication import publish
from loyalty.programme.rules import RuleSet
from loyalty.referral.commands import BindReferral
from loyalty.rewards.commands import Redeem
from miniapp_api.sessions import open_session
from models.database import migrate
from runtime.resources import Resources, open_resources
from tasks.expiry import expire_points, warn_expiring
from tasks.sweeps import START, Sweep
from tasks.wakeup import wake_silent

T = TypeVar("T")

DATABASE = "sizes"
RULES = Path(__file__).parents[1] / "runtime" / "demo" / "rules.yaml"
AT_ONCE = 256
COLD = 64
"""Commands per round after a checkpoint: so few that hardly any two change the same page."""
COLD_ROUNDS = 6

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
WRITTEN = "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"


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


@dataclass
class _Lives:
    """Members on a clock of their own, and the WAL that their commands have written."""

    resources: Resources
    clock: MovableClock
    members: list[int] = field(default_factory=list)
    wal: dict[str, tuple[int, int]] = field(default_factory=dict)

    @asynccontextmanager
    async def measured(self, what: str, commands: Callable[[], Awaitable[int]]) -> AsyncIterator[None]:
        """Record the WAL written within the block, and the number of commands by a counter that only grows."""
        pool = self.resources.pool
        before, written = await commands(), await pool.fetchval(WRITTEN)
        yield
        done, bytes_written = await commands() - before, int(await pool.fetchval(WRITTEN) - written)
        all_done, all_written = self.wal.get(what, (0, 0))
        self.wal[what] = (all_done + done, all_written + bytes_written)

    async def recorded(self) -> int:
        """The number of commands recorded so far."""
        return int(await self.resources.pool.fetchval("SELECT coalesce(sum(version), 0) FROM account"))

    async def run(self, what: str, commands: Iterable[Command]) -> None:
        """Run commands through the engine and measure their WAL."""
        async with self.measured(what, self.recorded):
            await self.resources.engine.run_all(commands)

    async def join(self, count: int) -> None:
        """Enrol members who follow the account; half of them also use the mini-program, a tenth were invited."""
        resources, now, settings = self.resources, self.clock.now(), self.resources.settings

        async def one(number: int) -> int:
            name = _digest(number)
            oa, union = (settings.oa_app_id or "", "o" + name[:27]), (UNIONID, "u" + name[:27])
            member_id = (await enroll(resources.engine, Newcomer((oa, union), now))).member_id
            await set_following(resources.pool, member_id, True, now)
            if number % 2:
                mini = (settings.miniapp_app_id or "", "m" + name[:27])
                await enroll(resources.engine, Newcomer((mini, union), now))
                await open_session(resources.pool, member_id, now)
                await consent.grant(resources.pool, member_id, _digest(member_id)[:43], now)
            return member_id

        first = len(self.members)
        async with self.measured("joining, whole", _counter(self.members)):
            self.members += await _some_at_once([one(number) for number in range(first, first + count)])
        bound = [
            BindReferral(member_id=member_id, request_key="oa:" + _digest(f"bind {member_id}"), at=now, inviter_id=inviter)
            for inviter, member_id in zip(self.members[first:], self.members[first + 1 :], strict=False)
            if member_id % 10 == 0 and inviter < member_id
        ]  # fmt: skip
        await self.run("being invited", bound)

    async def day(self) -> None:
        """One day: 30 % of members sign in, 3 % only visit; of those who sign in a third draw and 5 % redeem."""
        now = self.clock.now()
        present = [member_id for member_id in self.members if self._chance(member_id, "visit") < 30]
        looking = [member_id for member_id in self.members if 30 <= self._chance(member_id, "visit") < 33]
        async with self.measured("visit without a command", _counter([0], len(looking))):
            note_visit = self.resources.directory.note_visit
            await _some_at_once(
                [note_visit(member_id, now, skip_if_known_today=False) for member_id in looking]
            )
        await self.run(
            "sign-in", [CheckIn(member_id=one, request_key=self._key("oa:", one), at=now) for one in present]
        )
        drawing = [one for one in present if self._chance(one, "draw") < 33]
        await self.run(
            "draw", [Draw(member_id=one, request_key=self._key("api:", one)[:40], at=now, wheel="lucky") for one in drawing]
        )  # fmt: skip
        redeeming = [one for one in present if self._chance(one, "redeem") < 5]
        await self.run(
            "redemption",
            [
                Redeem(member_id=one, request_key=self._key("api:r", one)[:40], at=now, reward="cookie")
                for one in redeeming
            ],
        )

    async def sweep(self, what: str, job: Sweep) -> None:
        """Run a nightly sweep until nothing is left."""
        async with self.measured(what, self.recorded):
            mark = await job(self.resources, self.clock.now(), START)
            while mark is not None:
                mark = await job(self.resources, self.clock.now(), mark)

    async def sign_in_cold(self, wal_compression: str) -> None:
        """Let a few members with different pages sign in right after a checkpoint, so that full pages go to the WAL."""
        stride = max(1, len(self.members) // COLD)
        await self.resources.pool.execute(f"ALTER SYSTEM SET wal_compression = {wal_compression}")
        await self.resources.pool.execute("SELECT pg_reload_conf()")
        await asyncio.sleep(1)  # each backend reads the setting at its next statement
        for number in range(COLD_ROUNDS):
            self.clock.advance(86_400)
            await self.resources.pool.execute("CHECKPOINT")
            chosen = self.members[number * 7 % stride :: stride][:COLD]
            now = self.clock.now()
            await self.run(
                f"sign-in, each page the first time after a checkpoint, wal_compression {wal_compression}",
                [CheckIn(member_id=one, request_key=self._key("oa:", one), at=now) for one in chosen],
            )

    def _chance(self, member_id: int, what: str) -> int:
        return int(_digest(f"{member_id} {what} {self.clock.now().date()}")[:8], 16) % 100

    def _key(self, prefix: str, member_id: int) -> str:
        return prefix + _digest(f"{prefix} {member_id} {self.clock.now()}")


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
        lives = _Lives(resources, clock)
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


async def _some_at_once(work: list[Awaitable[T]]) -> list[T]:
    done: list[T] = []
    for start in range(0, len(work), AT_ONCE):
        done += await asyncio.gather(*work[start : start + AT_ONCE])
    return done


def _counter(grows: list[int], step: int | None = None) -> Callable[[], Awaitable[int]]:
    """A function that returns the length of a list; with `step`, a number that grows by it with each call."""
    asked = 0

    async def count() -> int:
        nonlocal asked
        asked += 1
        return len(grows) if step is None else asked * step

    return count


def _digest(what: object) -> str:
    return hashlib.sha256(str(what).encode()).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--folder", type=Path, default=Path("var/sizes"))
    chosen = parser.parse_args()
    for line in measure_sizes(chosen.folder, chosen.members, chosen.days).lines():
        print(line)
