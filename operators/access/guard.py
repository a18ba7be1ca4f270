"""Lock-out: after some failed log-ins in a row of one name, or from one origin, each further one makes the wait twice as long.

An attempt counts as failed before the password is looked at, and is taken back when it succeeds; so of many attempts at once
no more are looked at than of as many one after the other.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Final

import asyncpg

FREE_OF_NAME: Final = 5
FREE_OF_ORIGIN: Final = 20
"""Failures in a row without a wait. A shop's people come from one address, so that it has more of them."""
FIRST_WAIT_S: Final = 30
LONGEST_WAIT_S: Final = 900
FORGOTTEN_AFTER: Final = timedelta(days=1)

BEGIN: Final = """
INSERT INTO login_guard AS g (subject, failures, failed_at, wait_until) VALUES ($1, 1, $2, $2)
ON CONFLICT (subject) DO UPDATE SET failed_at = $2,
    failures = CASE WHEN g.failed_at < $3 THEN 1 ELSE g.failures + 1 END,
    wait_until = $2 + CASE WHEN g.failed_at < $3 OR g.failures + 1 < $4 THEN interval '0'
        ELSE make_interval(secs => least($5 * power(2, least(g.failures + 1 - $4, 20)), $6)) END
WHERE g.wait_until <= $2 RETURNING failures
"""
WAITS_UNTIL: Final = "SELECT wait_until FROM login_guard WHERE subject = $1"
FORGIVE: Final = """
UPDATE login_guard SET failures = greatest(failures - 1, 0), wait_until = $2 WHERE subject = $1
"""
FORGET: Final = "DELETE FROM login_guard WHERE subject = $1"
FORGET_OLD: Final = "DELETE FROM login_guard WHERE failed_at < $1"


async def begin_attempt(pool: asyncpg.Pool, name: str, origin: str, now: datetime) -> timedelta | None:
    """Count an attempt; None if it may be looked at, otherwise how long to wait before the next one."""
    for subject, free in ((_of_origin(origin), FREE_OF_ORIGIN), (_of_name(name), FREE_OF_NAME)):
        counted = await pool.fetchval(
            BEGIN, subject, now, now - FORGOTTEN_AFTER, free, float(FIRST_WAIT_S), float(LONGEST_WAIT_S)
        )
        if counted is None:
            until: datetime | None = await pool.fetchval(WAITS_UNTIL, subject)
            return max((until or now) - now, timedelta(seconds=1))
    return None


async def succeed(connection: asyncpg.Connection, name: str, origin: str, now: datetime) -> None:
    """Take back a counted attempt that succeeded: the name's failures are forgotten, the origin has one less."""
    await forget(connection, name)
    await connection.execute(FORGIVE, _of_origin(origin), now)
    await connection.execute(FORGET_OLD, now - FORGOTTEN_AFTER)


async def forget(connection: asyncpg.Connection, name: str) -> None:
    """End the wait of a name."""
    await connection.execute(FORGET, _of_name(name))


def _of_name(name: str) -> str:
    """Hashed, because people type passwords into the wrong field."""
    return "name:" + hashlib.sha256(name.strip().casefold().encode()).hexdigest()


def _of_origin(origin: str) -> str:
    return f"from:{origin[:100]}"
