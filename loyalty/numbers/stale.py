"""滞销率: the share of points, issued long enough ago, that were never used (N02), beside the industry's; and why (D09).

Of each member the points issued first count as used first, as the ledger spends them.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple

import asyncpg

from loyalty.numbers.feed import shown_edition
from loyalty.numbers.rule import Figures

Cause = Literal["away", "too_dear", "never_tried", "saving"]
CAUSES: Final[Mapping[Cause, tuple[str, str]]] = {
    "away": ("会员很久没来", "这些会员超过流失天数没来过：可以用到期提醒和久未来访的问候请他们回来。"),
    "too_dear": (
        "积分不够换最便宜的礼品",
        "这些会员来，但积分换不起任何礼品：可以加几件便宜的礼品，或者积分加钱换。",
    ),
    "never_tried": (
        "够换却从没换过",
        "这些会员换得起，却一次也没用过积分：可能不知道怎么换，也可能没有想要的。",
    ),
    "saving": ("换过，还攒着", "这些会员用过积分，剩下的还攒着，不一定是问题。"),
}
"""The title of each cause, and what may help."""

BY_MONTH: Final = """
SELECT month, sum(issued)::bigint AS issued, sum(greatest(0, least(issued, so_far - used)))::bigint AS unused FROM (
    SELECT month, issued, sum(issued) OVER (PARTITION BY person ORDER BY month) AS so_far,
        sum(used) OVER (PARTITION BY person) AS used
    FROM (
        SELECT person, date_trunc('month', day)::date AS month, coalesce(sum(issued) FILTER (WHERE day <= $2), 0) AS issued,
            sum(used - returned) AS used
        FROM member_day WHERE edition = $1 GROUP BY 1, 2
    ) c
) p WHERE issued > 0 GROUP BY month ORDER BY month
"""
BY_CAUSE: Final = """
SELECT CASE
        WHEN last IS NULL OR last < $3::date THEN 'away'
        WHEN available < $4::bigint THEN 'too_dear'
        WHEN used <= 0 THEN 'never_tried'
        ELSE 'saving'
    END AS cause, sum(issued - greatest(used, 0))::bigint AS points, count(*) AS members
FROM (
    SELECT m.person, coalesce(sum(m.issued) FILTER (WHERE m.day <= $2), 0) AS issued, sum(m.used - m.returned) AS used,
        max(m.day) FILTER (WHERE m.acts > 0) AS last, max(a.available) AS available
    FROM member_day m JOIN account a ON a.member_id = m.member_id
    WHERE m.edition = $1 GROUP BY m.person
) p
WHERE issued > greatest(used, 0) GROUP BY 1 ORDER BY 2 DESC, 1
"""
"""Members who were merged into another hold nothing, so the most that any of a person's accounts holds is what the person holds."""


class Month(NamedTuple):
    """The points issued in a month, and how many of them have not been used."""

    month: date
    issued: int
    unused: int


class Why(NamedTuple):
    """A cause with the unused points of the members whom it concerns, and how many members these are."""

    cause: Cause
    points: int
    members: int


class Stale(NamedTuple):
    """The unused points issued up to the day `until`, by month, and by cause with the largest first.

    `reference` is the industry's rate.
    """

    until: date
    months: Sequence[Month]
    causes: Sequence[Why]
    reference: float

    @property
    def issued(self) -> int:
        """The points issued up to `until`."""
        return sum(one.issued for one in self.months)

    @property
    def unused(self) -> int:
        """Those of them that were never used: lapsed ones, too."""
        return sum(one.unused for one in self.months)

    @property
    def rate(self) -> float | None:
        """滞销率; None if nothing was issued so long ago."""
        return self.unused / self.issued if self.issued else None

    @property
    def first_cause(self) -> Cause | None:
        """The cause of most unused points."""
        return self.causes[0].cause if self.causes else None


async def stale(database: asyncpg.Pool, today: date, figures: Figures, cheapest: int | None) -> Stale:
    """The unused points of today; `cheapest` is the lowest price of a reward that can be had, None if there is none."""
    edition, until = await shown_edition(database), today - timedelta(days=figures.mature_days)
    months = [Month(*row) for row in await database.fetch(BY_MONTH, edition, until)]
    away, price = today - timedelta(days=figures.activity.risk_days), 2**62 if cheapest is None else cheapest
    causes = [Why(*row) for row in await database.fetch(BY_CAUSE, edition, until, away, price)]
    return Stale(until, months, causes, getattr(figures.stale_reference, figures.industry) / 100)
