"""复购和漏斗: buyers by the month of their first order, and 获取 → 兑换 → 复购 by the month of a member's first points."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

import asyncpg

from loyalty.numbers.feed import shown_edition

COHORTS: Final = """
SELECT date_trunc('month', first)::date AS cohort,
    (extract(year FROM day) - extract(year FROM first)) * 12 + extract(month FROM day) - extract(month FROM first) AS months,
    count(DISTINCT person) AS buyers, sum(orders)::bigint AS orders, sum(sold_fen)::bigint AS fen
FROM (
    SELECT person, day, orders, sold_fen, min(day) OVER (PARTITION BY person) AS first FROM member_day
    WHERE edition = $1 AND orders > 0
) m
WHERE first >= $2 AND first <= $3 GROUP BY 1, 2 ORDER BY 1, 2
"""
AGAIN: Final = """
SELECT date_trunc('month', first)::date AS cohort, count(*) AS members, count(*) FILTER (WHERE last > first) AS again
FROM (SELECT person, min(day) AS first, max(day) AS last FROM member_day WHERE edition = $1 AND orders > 0 GROUP BY person) f
WHERE first >= $2 AND first <= $3 GROUP BY 1 ORDER BY 1
"""
FUNNEL: Final = """
SELECT date_trunc('month', got)::date AS cohort, count(*) AS got, count(*) FILTER (WHERE used IS NOT NULL) AS used,
    count(*) FILTER (WHERE bought > used) AS again
FROM (
    SELECT person, min(day) FILTER (WHERE issued > 0) AS got, min(day) FILTER (WHERE used > 0) AS used,
        max(day) FILTER (WHERE orders > 0) AS bought
    FROM member_day WHERE edition = $1 GROUP BY person
) p
WHERE got >= $2 AND got <= $3 GROUP BY 1 ORDER BY 1
"""


class Month(NamedTuple):
    """A cohort in a month after its first one: who bought, how often, and for how much."""

    buyers: int
    orders: int
    fen: int


class Cohort(NamedTuple):
    """Members whose first order was in the month `first`, which is month 0 of `months`. `again` bought on another day."""

    first: date
    members: int
    again: int
    months: dict[int, Month]

    @property
    def repurchase(self) -> float:
        """复购率: the share that bought on another day again, so far."""
        return self.again / self.members


class Stage(NamedTuple):
    """Members who got their first points in the month `first`, who of them used any, and who bought on a later day than that."""

    first: date
    got: int
    used: int
    again: int


async def cohorts(database: asyncpg.Pool, first: date, last: date) -> Sequence[Cohort]:
    """The cohorts whose first order was on a day from `first` to `last`."""
    edition = await shown_edition(database)
    months: dict[date, dict[int, Month]] = defaultdict(dict)
    for cohort, after, *numbers in await database.fetch(COHORTS, edition, first, last):
        months[cohort][int(after)] = Month(*numbers)
    rows = await database.fetch(AGAIN, edition, first, last)
    return [Cohort(row["cohort"], row["members"], row["again"], months[row["cohort"]]) for row in rows]


async def funnel(database: asyncpg.Pool, first: date, last: date) -> Sequence[Stage]:
    """获取 → 兑换 → 复购 of the members who got their first points on a day from `first` to `last`."""
    return [Stage(*row) for row in await database.fetch(FUNNEL, await shown_edition(database), first, last)]
