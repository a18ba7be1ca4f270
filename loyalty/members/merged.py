"""Members who were merged into others: who each of them is now."""

from collections.abc import Iterable

import asyncpg

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


def _last(into: dict[int, int | None], member_id: int) -> int:
    while (after := into[member_id]) is not None:
        member_id = after
    return member_id
