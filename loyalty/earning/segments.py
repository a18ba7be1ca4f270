"""Segments: labels that operators give to members for some days, such as those who are about to leave."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import asyncpg

PUT = """
INSERT INTO segment (member_id, name, since, until)
SELECT u.member_id, u.name, u.since, u.until FROM unnest($1::bigint[], $2::text[], $3::date[], $4::date[])
    AS u(member_id, name, since, until)
ON CONFLICT (member_id, name, since) DO UPDATE SET until = EXCLUDED.until WHERE segment.until <> EXCLUDED.until
RETURNING member_id, name, since
"""
ON_A_DAY = """
SELECT DISTINCT member_id, name FROM segment WHERE member_id = ANY($1::bigint[]) AND since <= $2 AND until > $2 ORDER BY 1, 2
"""


class Labelled(NamedTuple):
    """A member who is in a segment from `since` to the day before `until`."""

    member_id: int
    name: str
    since: date
    until: date


async def put_segments(pool: asyncpg.Pool, labelled: Sequence[Labelled]) -> list[bool]:
    """Store labels; for each, whether it is new or ends on another day now. An earlier day than before ends it early."""
    changed = (
        {tuple(row) for row in await pool.fetch(PUT, *zip(*labelled, strict=True))} if labelled else set()
    )
    return [one[:3] in changed for one in labelled]


async def segments_on(
    connection: asyncpg.Connection, members: Sequence[int], day: date
) -> Mapping[int, Sequence[str]]:
    """The segments that each of the members is in on a business day; no entry for one in none."""
    found: dict[int, list[str]] = defaultdict(list)
    for member_id, name in await connection.fetch(ON_A_DAY, members, day):
        found[member_id].append(name)
    return found
