"""Members who are two for a while: WeChat did not tell the unionid in time, and the halves merge once it does.

What was asked through one of them stays under its receipt, so the history looks at a person's halves together.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import asyncpg

PARTS = """
WITH RECURSIVE part (person, member_id) AS (
    SELECT person, person FROM unnest($1::bigint[]) AS asked (person)
    UNION
    SELECT u.person, i.member_id FROM unnest($2::text[], $3::bigint[]) AS u (openid, person) JOIN identity i ON i.subject = u.openid
    UNION
    SELECT p.person, a.member_id FROM part p JOIN account a ON a.merged_into = p.member_id
)
SELECT person, member_id FROM part
"""
GIFTS = "SELECT member_id, sum(amount) AS points FROM entry WHERE member_id = ANY($1) AND reason = 'welcome' GROUP BY 1"
ARRIVALS = (
    "SELECT member_id, no FROM receipt WHERE member_id = ANY($1) AND command IN ('merge_in', 'carry_voucher')"
)
UNDER_WAY = (
    "SELECT member_id FROM follow_up WHERE member_id = ANY($1) AND command = 'merge_in' AND done_at IS NULL"
)


@dataclass
class Halves:
    """Whom each member stands for, the gift that each person was paid once more, and who is being merged at this moment.

    `arrivals` are the receipts (member, number) under which rows of another half were copied.
    """

    person_of: dict[int, int]
    gifts: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    arrivals: set[tuple[int, int]] = field(default_factory=set)
    moving: set[int] = field(default_factory=set)


async def look_at_halves(
    eyes: asyncpg.Connection, persons: Collection[int], openids: Mapping[str, int]
) -> Halves:
    """The halves of these persons, found by their openids and by the merges that were done."""
    rows = await eyes.fetch(PARTS, list(persons), [*openids], [*openids.values()])
    halves = Halves({row["member_id"]: row["person"] for row in rows})
    others = [member for member, person in halves.person_of.items() if member != person]
    for row in await eyes.fetch(GIFTS, others):
        halves.gifts[halves.person_of[row["member_id"]]] += int(row["points"])
    halves.arrivals = {(row["member_id"], row["no"]) for row in await eyes.fetch(ARRIVALS, list(persons))}
    halves.moving = {
        halves.person_of[row["member_id"]] for row in await eyes.fetch(UNDER_WAY, [*halves.person_of])
    }
    return halves
