"""积分库龄: how long ago the points that members hold were issued.

Of each member the points issued first are used first, as the ledger spends them; so what they hold is what was issued to them last.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final, NamedTuple

import asyncpg

from loyalty.numbers.feed import shown_edition

YEAR: Final = 12
BOUNDS: Final = (3, 6, YEAR)
TITLES: Final = ("这个月和前 2 个月", "3–5 个月前", "6–11 个月前", "一年以前")
"""The names of what was issued fewer months ago than each bound, and of the rest."""
UNDATED: Final = "看不出日期（人工加、期初导入等）"

ISSUED_IN: Final = """
SELECT month, sum(greatest(0, least(issued, held - later)))::bigint AS points FROM (
    SELECT c.month, c.issued, max(c.held) OVER (PARTITION BY c.person) AS held,
        sum(c.issued) OVER (PARTITION BY c.person ORDER BY c.month DESC) - c.issued AS later
    FROM (
        SELECT coalesce(m.person, a.member_id) AS person, date_trunc('month', m.day)::date AS month,
            coalesce(sum(m.issued), 0)::bigint AS issued, max(a.available + a.pending + a.held) AS held
        FROM account a LEFT JOIN member_day m ON m.member_id = a.member_id AND m.edition = $1 AND m.issued > 0
        GROUP BY 1, 2
    ) c
) p WHERE month IS NOT NULL GROUP BY month
"""
HELD: Final = "SELECT coalesce(sum(available + pending + held), 0)::bigint FROM account"


class Age(NamedTuple):
    """The points of an age, by its title."""

    title: str
    points: int


async def ages(database: asyncpg.Pool, today: date) -> Sequence[Age]:
    """The points by age, the youngest first, then those of which nobody can tell; their sum is all that members hold."""
    rows = await database.fetch(ISSUED_IN, await shown_edition(database))
    return ages_of(today, await database.fetchval(HELD), rows)


def ages_of(today: date, held: int, by_month: Iterable[tuple[date, int]]) -> list[Age]:
    """The ages, from the points held and those of them that were issued in a month."""
    found: Counter[str] = Counter()
    for month, points in by_month:
        ago = YEAR * (today.year - month.year) + today.month - month.month
        found[TITLES[sum(ago >= bound for bound in BOUNDS)]] += points
    return [Age(title, found[title]) for title in TITLES] + [Age(UNDATED, held - found.total())]
