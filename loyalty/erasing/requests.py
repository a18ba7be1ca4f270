"""Members who ask to be erased. Their row is written without a command, because it has to be erased itself."""

from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

ASK: Final = (
    "INSERT INTO erasure_request (member_id, asked_at) VALUES ($1, $2) ON CONFLICT (member_id) DO NOTHING"
)
TAKE_BACK: Final = "DELETE FROM erasure_request WHERE member_id = $1"
ASKED: Final = "SELECT asked_at FROM erasure_request WHERE member_id = $1"
LIST: Final = """
SELECT member_id, asked_at FROM erasure_request WHERE $1::timestamptz IS NULL OR (asked_at, member_id) > ($1, $2)
ORDER BY asked_at, member_id LIMIT $3
"""


class Request(NamedTuple):
    """A member who waits to be erased."""

    member_id: int
    asked_at: datetime


class After(NamedTuple):
    """The last row of a page."""

    asked_at: datetime
    member_id: int


async def ask(pool: asyncpg.Pool, member_id: int, now: datetime) -> None:
    """Store that the member asks to be erased. Safe to repeat."""
    await pool.execute(ASK, member_id, now)


async def take_back(pool: asyncpg.Pool, member_id: int) -> bool:
    """The member has changed their mind; False if they had not asked."""
    done: str = await pool.execute(TAKE_BACK, member_id)
    return done == "DELETE 1"


async def asked_at(pool: asyncpg.Pool, member_id: int) -> datetime | None:
    """When the member asked; None if they have not."""
    found: datetime | None = await pool.fetchval(ASKED, member_id)
    return found


async def list_requests(pool: asyncpg.Pool, after: After | None = None, *, limit: int = 50) -> list[Request]:
    """A page of those who wait, who asked first before others."""
    rows = await pool.fetch(LIST, *(after or (None, None)), limit)
    return [Request(*row) for row in rows]
