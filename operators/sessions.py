"""Sessions of operators: 32 random bytes, of which the database has the SHA-256 alone. They end when idle, and after half a day."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final, NamedTuple, cast

import asyncpg

from operators.roles import Operator, Role

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
SETS_UP_WITHIN: Final = timedelta(minutes=15)
SEEN_EVERY: Final = timedelta(minutes=1)
KEPT: Final = timedelta(days=90)

INSERT: Final = """
INSERT INTO operator_session (token_hash, operator_id, sets_up, origin, created_at, seen_at) VALUES ($1, $2, $3, $4, $5, $5)
"""
FIND: Final = """
SELECT o.operator_id, o.name, o.role, o.store, s.seen_at FROM operator_session s JOIN operator o USING (operator_id)
WHERE s.token_hash = $1 AND s.ended_at IS NULL AND s.sets_up = $2 AND s.seen_at > $3 AND s.created_at > $4
AND o.disabled_at IS NULL
"""
SEE: Final = "UPDATE operator_session SET seen_at = $2 WHERE token_hash = $1 AND seen_at < $2"
END: Final = "UPDATE operator_session SET ended_at = $2 WHERE token_hash = $1 AND ended_at IS NULL"
END_OF: Final = "UPDATE operator_session SET ended_at = $2 WHERE operator_id = $1 AND ended_at IS NULL"
FORGET: Final = "DELETE FROM operator_session WHERE created_at < $1"
LIST: Final = """
SELECT s.token_hash, o.name, s.origin, s.created_at, s.seen_at FROM operator_session s JOIN operator o USING (operator_id)
WHERE s.ended_at IS NULL AND NOT s.sets_up AND s.seen_at > $1 AND s.created_at > $2 AND o.disabled_at IS NULL
ORDER BY s.seen_at DESC, s.token_hash
"""


class Session(NamedTuple):
    """A session that is good now. `id` is the hash of its token in hex: it names the session and cannot be used as one."""

    id: str
    operator: str
    origin: str
    created_at: datetime
    seen_at: datetime


async def begin_session(
    connection: asyncpg.Connection, operator_id: int, origin: str, now: datetime, *, sets_up: bool = False
) -> str:
    """A new session's token."""
    token = secrets.token_urlsafe(32)
    await connection.execute(INSERT, hash_of(token), operator_id, sets_up, origin, now)
    await connection.execute(FORGET, now - KEPT)
    return token


async def find_session(pool: asyncpg.Pool, token: str, now: datetime) -> Operator | None:
    """The operator of a session that is good; None for one that has ended or is idle, or whose operator is disabled."""
    return await find_by_hash(pool, hash_of(token), now)


async def find_by_hash(pool: asyncpg.Pool, token_hash: bytes, now: datetime) -> Operator | None:
    """As `find_session`, by the hash of its token. That it was used is noted once a minute."""
    row = await pool.fetchrow(FIND, token_hash, False, now - IDLE, now - LONGEST)
    if row is None:
        return None
    if row["seen_at"] <= now - SEEN_EVERY:
        await pool.execute(SEE, token_hash, now)
    return _operator(row)


async def find_setting_up(pool: asyncpg.Pool, token: str, now: datetime) -> Operator | None:
    """The operator of a session that sets a password up."""
    since = now - SETS_UP_WITHIN
    row = await pool.fetchrow(FIND, hash_of(token), True, since, since)
    return None if row is None else _operator(row)


async def end_session(pool: asyncpg.Pool | asyncpg.Connection, token: str, now: datetime) -> None:
    """End a session by its token. Safe to repeat."""
    await pool.execute(END, hash_of(token), now)


async def end_session_by_id(connection: asyncpg.Connection, session_id: str, now: datetime) -> None:
    """End a session by the id that `list_sessions` gives. Safe to repeat. Raises ValueError for what is no id."""
    await connection.execute(END, bytes.fromhex(session_id), now)


async def end_sessions_of(connection: asyncpg.Connection, operator_id: int, now: datetime) -> None:
    """End all sessions of an operator."""
    await connection.execute(END_OF, operator_id, now)


async def list_sessions(pool: asyncpg.Pool, now: datetime) -> list[Session]:
    """All sessions that are good now, the last used first."""
    rows = await pool.fetch(LIST, now - IDLE, now - LONGEST)
    return [Session(row["token_hash"].hex(), *tuple(row)[1:]) for row in rows]


def hash_of(token: str) -> bytes:
    """The form in which the database knows a token."""
    return hashlib.sha256(token.encode()).digest()


def _operator(row: asyncpg.Record) -> Operator:
    return Operator(row["operator_id"], row["name"], cast("Role", row["role"]), row["store"])
