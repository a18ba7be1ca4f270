"""Members who were merged into others: who each of them is now, and whom a member stands for."""

from collections.abc import Iterable

import asyncpg

SELECT_HALVES = "SELECT other_id FROM merged_half WHERE member_id = $1 AND split_no IS NULL ORDER BY other_id"
SELECT_INTO = "SELECT member_id, merged_into FROM account WHERE member_id = ANY($1::bigint[])"


async def survivors(database: asyncpg.Connection | asyncpg.Pool, members: Iterable[int]) -> dict[int, int]:
    """For each of these members the one they are now, themselves unless they were merged; an unknown member is missing."""
    into: dict[int, int | None] = {}
    wanted = set(members)
    while wanted:
        rows = await database.fetch(SELECT_INTO, sorted(wanted))
        into |= {row["member_id"]: row["merged_into"] for row in rows}
        wanted = {one for one in into.values() if one is not None} - into.keys()
    return {member_id: _last(into, member_id) for member_id in into}


async def halves_of(database: asyncpg.Connection | asyncpg.Pool, member_id: int) -> list[int]:
    """The member, and those who are merged into them, whose facts have stayed under their own numbers."""
    rows = await database.fetch(SELECT_HALVES, member_id)
    return [member_id, *(row["other_id"] for row in rows)]


def _last(into: dict[int, int | None], member_id: int) -> int:
    while (after := into[member_id]) is not None:
        member_id = after
    return member_id
