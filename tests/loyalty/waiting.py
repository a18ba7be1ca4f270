"""Waiting for what another task is doing, and for a statement that stands at a lock."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg

BLOCKED = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'
"""


async def until(true: Callable[[], Awaitable[object]], *, within_s: float = 10.0) -> None:
    """Return once `true()` is; raises AssertionError when it takes too long."""
    give_up = time.monotonic() + within_s
    while not await true():
        assert time.monotonic() < give_up, "it did not happen in time"
        await asyncio.sleep(0.005)


async def until_blocked(connection: asyncpg.Connection, statements: int = 1) -> list[int]:
    """The backends that wait for a lock, once there are that many."""
    pids: list[int] = []

    async def blocked() -> bool:
        await connection.execute(
            "SELECT pg_stat_clear_snapshot()"
        )  # a transaction sees the first look for ever
        pids[:] = [row["pid"] for row in await connection.fetch(BLOCKED)]
        return len(pids) >= statements

    await until(blocked)
    return pids


@asynccontextmanager
async def standing_in_the_way(url: str, statement: str, *values: object) -> AsyncIterator[asyncpg.Connection]:
    """A connection that has run a statement in an open transaction; the test commits or rolls back by SQL."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("BEGIN")
        await connection.execute(statement, *values)
        yield connection
    finally:
        await connection.close()
