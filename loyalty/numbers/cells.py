"""The members in a cell of the matrix of tiers and activity, so that the number of a cell opens the people behind it."""

from datetime import date
from typing import Final

import asyncpg

from loyalty.numbers.feed import shown_edition
from loyalty.numbers.members import SEGMENT, Segment, _arguments
from loyalty.programme.rules import RuleSet

LARGEST: Final = 2**63 - 1
IN_CELL: Final = f"""
SELECT q.member_id FROM (
    SELECT p.member_id, p.tier, width_bucket(p.growth, $10::bigint[]) AS rung, {SEGMENT} AS segment
    FROM (
        SELECT coalesce(m.person, a.member_id) AS member_id, max(t.tier) FILTER (WHERE a.merged_into IS NULL) AS tier,
            max(a.growth) FILTER (WHERE a.merged_into IS NULL) AS growth,
            max(m.day) FILTER (WHERE m.acts > 0) AS last, coalesce(sum(m.issued), 0) AS points,
            count(DISTINCT m.day) FILTER (WHERE m.acts > 0 AND m.day > $8::date) AS often
        FROM account a
        LEFT JOIN member_day m ON m.member_id = a.member_id AND m.edition = $1 AND m.day > $9::date AND m.day <= $2::date
        LEFT JOIN tier_span t ON t.member_id = a.member_id AND t.until IS NULL
        GROUP BY coalesce(m.person, a.member_id) HAVING bool_or(a.merged_into IS NULL)
    ) p
) q
WHERE q.member_id < $11 AND q.segment = $12
    AND CASE WHEN q.tier = ANY($13::text[]) THEN q.tier = $14 ELSE q.rung = ANY($15::int[]) END
ORDER BY q.member_id DESC LIMIT $16
"""  # noqa: S608  # our own text


async def members_in(
    database: asyncpg.Pool, day: date, rules: RuleSet, tier: str, segment: Segment, before: int, limit: int
) -> list[int]:
    """The ids of members who are in the tier and segment at the end of a day, the newest first, below the id `before`.

    It groups the facts of a year as the matrix does, so pages keep what they found.
    """
    steps = sorted({one.growth for one in rules.tiers if one.growth is not None})
    ladder, growths = rules.ladder, [0, *steps]
    rungs = [rung for rung, growth in enumerate(growths) if rules.tiers[ladder.by_growth(growth)].id == tier]
    known = [one.id for one in rules.tiers] if ladder.is_kept else []
    arguments = _arguments(day, rules.figures.activity)
    rows = await database.fetch(
        IN_CELL, await shown_edition(database), *arguments, steps, before, segment, known, tier, rungs, limit
    )
    return [row["member_id"] for row in rows]
