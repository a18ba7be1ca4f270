"""The members in a cell of the matrix of tiers and activity, so that the number of a cell opens the people behind it.

Members are looked at a chunk at a time, by their ids, so a page costs the same in a programme of a million: that of a cell with few
people may be short, and the next one looks on.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

import asyncpg

from loyalty.numbers.feed import shown_edition
from loyalty.numbers.members import OF_PERSON, SEGMENT, Segment, _arguments
from loyalty.programme.rules import RuleSet

WALK: Final = 5000
MOST_WALKS: Final = 3
"""Members whose tier is looked at for a page."""
CHUNK: Final = 1000
MOST_CHUNKS: Final = 3
"""Members of the tier whose segment is computed for a page."""
LARGEST: Final = 2**63 - 1

OF_TIER: Final = """
WITH walked AS MATERIALIZED (
    SELECT a.member_id, CASE WHEN t.tier = ANY($3::text[]) THEN t.tier = $4
        ELSE width_bucket(a.growth, $5::bigint[]) = ANY($6::int[]) END AS is_of_tier
    FROM account a LEFT JOIN tier_span t ON t.member_id = a.member_id AND t.until IS NULL
    WHERE a.member_id < $1 AND a.merged_into IS NULL ORDER BY a.member_id DESC LIMIT $2
)
SELECT ARRAY(SELECT member_id FROM walked WHERE is_of_tier ORDER BY member_id DESC) AS ids,
    (SELECT min(member_id) FROM walked) AS last, (SELECT count(*) FROM walked) AS walked
"""
HALVES: Final = "SELECT other_id FROM merged_half WHERE member_id = ANY($1::bigint[])"
IN_CELL: Final = f"""
SELECT q.member_id FROM (
    SELECT p.member_id, {SEGMENT} AS segment
    FROM (
        SELECT coalesce(m.person, a.member_id) AS member_id, {OF_PERSON}
        FROM account a
        LEFT JOIN member_day m ON m.member_id = a.member_id AND m.edition = $1 AND m.day > $9::date AND m.day <= $2::date
        WHERE a.member_id = ANY($10::bigint[])
        GROUP BY coalesce(m.person, a.member_id) HAVING bool_or(a.merged_into IS NULL)
    ) p
) q
WHERE q.segment = $11 AND q.member_id = ANY($12::bigint[]) ORDER BY q.member_id DESC
"""  # noqa: S608  # our own text


async def members_in(
    database: asyncpg.Pool, day: date, rules: RuleSet, tier: str, segment: Segment, before: int, limit: int
) -> tuple[Sequence[int], int | None]:
    """The ids of members who are in the tier and segment at the end of a day, the newest first, below the id `before`.

    And the id below which the next page begins; None at the end.
    A page has `limit` members, or fewer after MOST_WALKS or MOST_CHUNKS.
    """
    edition, found, chunks = await shown_edition(database), list[int](), 0
    steps = sorted({one.growth for one in rules.tiers if one.growth is not None})
    ladder, growths = rules.ladder, [0, *steps]
    rungs = [rung for rung, growth in enumerate(growths) if rules.tiers[ladder.by_growth(growth)].id == tier]
    known = [one.id for one in rules.tiers] if ladder.is_kept else []
    for _ in range(MOST_WALKS):
        ids, last, walked = await database.fetchrow(OF_TIER, before, WALK, known, tier, steps, rungs)
        for chunk in (ids[place : place + CHUNK] for place in range(0, len(ids), CHUNK)):
            found += await _of_chunk(database, edition, chunk, day, rules, segment)
            chunks += 1
            if len(found) > limit:
                return found[:limit], found[limit - 1]
            if chunks == MOST_CHUNKS:
                return found, chunk[-1]
        if walked < WALK:
            return found, None
        before = last
    return found, before


async def _of_chunk(
    database: asyncpg.Pool, edition: int, ids: list[int], day: date, rules: RuleSet, segment: Segment
) -> list[int]:
    halves = [row["other_id"] for row in await database.fetch(HALVES, ids)]
    arguments = _arguments(day, rules.figures.activity)
    rows = await database.fetch(IN_CELL, edition, *arguments, [*ids, *halves], segment, ids)
    return [row["member_id"] for row in rows]
