"""How often a member may have the copy: a few times a day. Each day's row stays, and the copy shows it."""

from datetime import date, datetime
from typing import Final

import asyncpg

MOST_A_DAY: Final = 3
TAKE: Final = """
INSERT INTO data_copy (member_id, day, copies, last_at) VALUES ($1, $2, 1, $3)
ON CONFLICT (member_id, day) DO UPDATE SET copies = data_copy.copies + 1, last_at = excluded.last_at
WHERE data_copy.copies < $4 RETURNING copies
"""
ONE_FEWER: Final = """
UPDATE data_copy SET copies = copies - 1 WHERE member_id = $1 AND day = $2 AND copies > 1 RETURNING copies
"""
NONE: Final = "DELETE FROM data_copy WHERE member_id = $1 AND day = $2 AND copies = 1"


async def take_copy(pool: asyncpg.Pool, member_id: int, day: date, at: datetime) -> bool:
    """Count a copy of the day; False if the member has had MOST_A_DAY of them."""
    return await pool.fetchval(TAKE, member_id, day, at, MOST_A_DAY) is not None


async def give_copy_back(pool: asyncpg.Pool, member_id: int, day: date) -> None:
    """Do not count a copy that could not be made."""
    if await pool.fetchval(ONE_FEWER, member_id, day) is None:
        await pool.execute(NONE, member_id, day)
