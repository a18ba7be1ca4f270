"""Fills a database with a whole shop: members with few or thousands of entries, purchases, vouchers, notices, the daily facts.

The data of the other measures give every member the same history. Lists, searches and reports of operators need the opposite:
some members with thousands of entries, nicknames that many share, rare states among millions of rows. All rows are made within the
database by the scripts in `scripts/shop`, from one table of what every member did when. They keep the sums of the ledger, and the
daily facts are those that the worker would count; links of chains are any bytes, and no lot uses or days of sign-ins are written.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg

from bench.data import drop_indexes
from bench.names import MINI_SUBJECT, OA_SUBJECT, REFERRAL_CODE
from bench.pattern import Programme
from loyalty.ledger.calendar import day_start

SCRIPTS: Final = Path(__file__).parent / "scripts" / "shop"
RECEIPTS_PER_MEMBER: Final = 20.5
"""Before the cut of the longest histories; entries are half as many again, 30 per member."""
DAYS: Final = 365
"""How far back the first members joined."""
OWN: Final = ("bench_act", "bench_person", "bench_day", "bench_store", "bench_part", "bench_minute")
SETTINGS: Final = "SET work_mem = '1GB'; SET synchronous_commit = off; SET jit = off; SET max_parallel_workers_per_gather = 0"
_INTO: Final = re.compile(r"INSERT INTO (\w+)")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Shop:
    """How large a shop is, and the moment up to which its data reach."""

    members: int
    end: datetime
    days: int = DAYS

    @classmethod
    def of(cls, members: int) -> "Shop":
        """A shop whose latest receipts are of this minute."""
        return cls(members, datetime.now(UTC).replace(second=0, microsecond=0))


async def fill_shop(url: str, programme: Programme, shop: Shop, progress: Progress = lambda *_: None) -> None:
    """Fill a migrated database, in which the programme's rules were published as version 1. Its tables must be empty."""
    connection = await asyncpg.connect(url, command_timeout=None)
    try:
        await connection.execute(SETTINGS)
        values = await _values(connection, programme, shop)
        scripts = sorted(SCRIPTS.glob("*.sql"))
        for done, script in enumerate(scripts):
            progress(script.stem, done, len(scripts))
            await _run(
                connection, re.sub(r"@(\w+)@", lambda found: values[found[1]], script.read_text("utf-8"))
            )
        await connection.execute(f"DROP TABLE {', '.join(OWN)}")
        await connection.execute(
            "SELECT setval(pg_get_serial_sequence('member', 'member_id'), $1::bigint)", shop.members
        )
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


async def _run(connection: asyncpg.Connection, script: str) -> None:
    """Run the statements of a script in one transaction, the tables without their indexes, which are built last.

    A table that was emptied in the same transaction needs no WAL under `wal_level = minimal`.
    """
    tables = [name for name in dict.fromkeys(_INTO.findall(script)) if not name.startswith("bench_")]
    async with connection.transaction():
        restore = []
        for table in tables:
            await connection.execute(f"TRUNCATE {table}")
            restore += await drop_indexes(connection, table)
        for statement in [*script.split(";\n"), *restore]:
            if statement.strip():
                await connection.execute(statement)


async def _values(connection: asyncpg.Connection, programme: Programme, shop: Shop) -> dict[str, str]:
    """The values that the scripts name between two @.

    Days are counted in hours from the midnight of the first one, so the zone must have the same offset all year.
    """
    wheel = await connection.fetchrow(
        "SELECT id, odds_version FROM wheel_round WHERE closed_at IS NULL LIMIT 1"
    )
    first_day = shop.end.astimezone(programme.zone).date() - timedelta(days=shop.days)
    begin = day_start(first_day, programme.zone)
    return {
        "members": str(shop.members), "receipts": str(RECEIPTS_PER_MEMBER), "begin": f"timestamptz '{begin.isoformat()}'",
        "first_day": f"date '{first_day}'", "seconds": str(int((shop.end - begin).total_seconds())),
        "end": f"timestamptz '{shop.end.isoformat()}'", "oa": programme.oa_app_id, "miniapp": programme.miniapp_app_id,
        "oa_subject": OA_SUBJECT, "mini_subject": MINI_SUBJECT, "referral_code": REFERRAL_CODE,
        "round": str(wheel["id"]), "odds": wheel["odds_version"],
    }  # fmt: skip
