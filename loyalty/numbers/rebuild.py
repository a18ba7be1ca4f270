"""`jifen stats rebuild`: another edition of the facts, from the first receipt on, is compared with the old one and then shown."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.changes import BEGINNING, Position
from loyalty.engine.transactions import retried, snapshot
from loyalty.numbers.feed import BEGIN, LOCK, SPAN, advance, count_page, editions, shown_edition

PAGE: Final = 5000
"""Larger than the worker's, because nobody waits for the lock of an edition that is not shown."""
TABLES: Final = ("daily_fact", "minute_fact", "member_day")

NEWEST: Final = "SELECT max(edition) FROM number_feed"
ALIGNED: Final = """
SELECT count(DISTINCT (read_at, read_member, read_no)) FROM number_feed WHERE edition IN ($1, $2)
"""
HIDE: Final = "UPDATE number_feed SET shown = false WHERE shown AND edition <> $1"
SHOW: Final = "UPDATE number_feed SET shown = true WHERE edition = $1"
END: Final = "DELETE FROM number_feed WHERE edition <> $1 AND NOT shown"
DIFFERENT: Final = {
    "daily_fact": """
        SELECT count(*) FROM (
            SELECT day, booked_on, flow, store, region, channel, tier, rule, campaign, version FROM daily_fact
            WHERE edition IN ($1, $2)
            GROUP BY day, booked_on, flow, store, region, channel, tier, rule, campaign, version
            HAVING sum(CASE WHEN edition = $1 THEN points ELSE -points END) <> 0
                OR sum(CASE WHEN edition = $1 THEN times ELSE -times END) <> 0
                OR sum(CASE WHEN edition = $1 THEN fen ELSE -fen END) <> 0
        ) d
    """,
    "minute_fact": """
        SELECT count(*) FROM (
            SELECT day, minute, flow FROM minute_fact WHERE edition IN ($1, $2) GROUP BY day, minute, flow
            HAVING sum(CASE WHEN edition = $1 THEN points ELSE -points END) <> 0
                OR sum(CASE WHEN edition = $1 THEN times ELSE -times END) <> 0
                OR sum(CASE WHEN edition = $1 THEN fen ELSE -fen END) <> 0
        ) d
    """,
    "member_day": """
        SELECT count(*) FROM (
            SELECT member_id, day FROM member_day WHERE edition IN ($1, $2) GROUP BY member_id, day
            HAVING count(*) <> 2 OR count(DISTINCT (acts, issued, used, returned, redeemed, orders, sold_fen, is_new, person)) <> 1
                OR count(DISTINCT coalesce(first_minute, -1)) <> 1
        ) d
    """,
}
"""How many rows of two editions differ, by table."""
FORGET: Final = {
    "daily_fact": "DELETE FROM daily_fact WHERE edition = $1",
    "minute_fact": "DELETE FROM minute_fact WHERE edition = $1",
    "member_day": "DELETE FROM member_day WHERE edition = $1",
}
OLD: Final = "SELECT DISTINCT edition FROM daily_fact WHERE edition <> ALL($1::int[])"


class Rebuilt(NamedTuple):
    """The receipts that were counted, and the rows in which the new edition differs from the old one, by table."""

    receipts: int
    different: dict[str, int]


async def rebuild(
    pool: asyncpg.Pool, now: datetime, zone: ZoneInfo, progress: Callable[[int], None] = lambda _: None
) -> Rebuilt:
    """Compute the facts anew, up to where the shown edition has read; then show them and forget the old ones.

    One that was interrupted goes on where it was. Pages read the old edition meanwhile. The pool should have no statement timeout,
    because whole tables are compared.
    """
    await editions(pool)
    old = await shown_edition(pool)
    new = await _begin(pool, old)
    receipts, span = 0, SPAN
    while (step := await advance(pool, new, now, zone, size=PAGE, span=span)).receipts:
        receipts, span = receipts + step.receipts, step.span
        progress(receipts)
    different = await _compared(pool, old, new, zone)
    await retried(pool, lambda connection: _show(connection, old, new, zone))
    await forget(pool)
    return Rebuilt(receipts, different)


async def _begin(pool: asyncpg.Pool, old: int) -> int:
    newest: int = await pool.fetchval(NEWEST)
    if newest > old:
        return newest
    await pool.execute(BEGIN, old + 1, False, *BEGINNING)
    return old + 1


async def _compared(pool: asyncpg.Pool, old: int, new: int, zone: ZoneInfo) -> dict[str, int]:
    """The rows in which two editions differ, both having read up to the same position."""
    while True:
        await retried(pool, lambda connection: _align(connection, old, new, zone))
        async with snapshot(pool) as connection:
            if await connection.fetchval(ALIGNED, old, new) == 1:
                return {table: await connection.fetchval(DIFFERENT[table], old, new) for table in TABLES}


async def _align(connection: asyncpg.Connection, old: int, new: int, zone: ZoneInfo) -> None:
    """Let the edition that is behind read up to where the other one is."""
    position = Position(*await connection.fetchrow(LOCK, old))
    reached = Position(*await connection.fetchrow(LOCK, new))
    behind, until = (new, position) if reached < position else (old, reached)
    end = until.posted_at + timedelta(microseconds=1)
    while (await count_page(connection, behind, end, zone, until)).receipts:
        continue


async def _show(connection: asyncpg.Connection, old: int, new: int, zone: ZoneInfo) -> None:
    await _align(connection, old, new, zone)
    await connection.execute(HIDE, new)
    await connection.execute(SHOW, new)
    await connection.execute(END, new)


async def forget(pool: asyncpg.Pool) -> None:
    """Delete the facts of editions that nobody reads any more."""
    kept = await editions(pool)
    for row in await pool.fetch(OLD, kept):
        for table in TABLES:
            await pool.execute(FORGET[table], row["edition"])
