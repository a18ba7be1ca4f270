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

CHUNK: Final = 1000
MOST_CHUNKS: Final = 20
LARGEST: Final = 2**63 - 1

NEXT: Final = """
SELECT member_id FROM account WHERE member_id < $1 AND merged_into IS NULL ORDER BY member_id DESC LIMIT $2
"""
HALVES: Final = "SELECT other_id FROM merged_half WHERE member_id = ANY($1::bigint[])"
IN_CELL: Final = f"""
SELECT q.member_id FROM (
    SELECT p.member_id, p.tier, width_bucket(p.growth, $10::bigint[]) AS rung, {SEGMENT} AS segment
    FROM (
        SELECT coalesce(m.person, a.member_id) AS member_id, max(t.tier) FILTER (WHERE a.merged_into IS NULL) AS tier,
            max(a.growth) FILTER (WHERE a.merged_into IS NULL) AS growth, {OF_PERSON}
        FROM account a
        LEFT JOIN member_day m ON m.member_id = a.member_id AND m.edition = $1 AND m.day > $9::date AND m.day <= $2::date
        LEFT JOIN tier_span t ON t.member_id = a.member_id AND t.until IS NULL
        WHERE a.member_id = ANY($11::bigint[])
        GROUP BY coalesce(m.person, a.member_id) HAVING bool_or(a.merged_into IS NULL)
    ) p
) q
WHERE q.segment = $12 AND CASE WHEN q.tier = ANY($13::text[]) THEN q.tier = $14 ELSE q.rung = ANY($15::int[]) END
ORDER BY q.member_id DESC
"""  # noqa: S608  # our own text


async def members_in(
    database: asyncpg.Pool, day: date, rules: RuleSet, tier: str, segment: Segment, before: int, limit: int
) -> tuple[Sequence[int], int | None]:
    """The ids of members who are in the tier and segment at the end of a day, the newest first, below the id `before`.

    And the id below which the next page begins; None at the end. A page has `limit` members, or fewer after MOST_CHUNKS.
    """
    edition, found = await shown_edition(database), list[int]()
    for _ in range(MOST_CHUNKS):
        ids = [row["member_id"] for row in await database.fetch(NEXT, before, CHUNK)]
        if not ids:
            return found, None
        found += await _of_chunk(database, edition, ids, day, rules, tier, segment)
        if len(found) > limit:
            return found[:limit], found[limit - 1]
        if len(ids) < CHUNK:
            return found, None
        before = ids[-1]
    return found, before


async def _of_chunk(
    database: asyncpg.Pool,
    edition: int,
    ids: list[int],
    day: date,
    rules: RuleSet,
    tier: str,
    segment: Segment,
) -> list[int]:
    steps = sorted({one.growth for one in rules.tiers if one.growth is not None})
    ladder, growths = rules.ladder, [0, *steps]
    rungs = [rung for rung, growth in enumerate(growths) if rules.tiers[ladder.by_growth(growth)].id == tier]
    known = [one.id for one in rules.tiers] if ladder.is_kept else []
    halves = [row["other_id"] for row in await database.fetch(HALVES, ids)]
    arguments = _arguments(day, rules.figures.activity)
    rows = await database.fetch(
        IN_CELL, edition, *arguments, steps, [*ids, *halves], segment, known, tier, rungs
    )
    return [row["member_id"] for row in rows]
