"""会员: active, churned and buying again (N03), and the matrix of tiers and activity (T09, N04).

The statements group the facts of a year by person. They take seconds with a million members, so pages keep what they found for the
day.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple, get_args

import asyncpg

from loyalty.numbers.feed import HALVES, shown_edition
from loyalty.numbers.rule import Activity
from loyalty.numbers.totals import Totals
from loyalty.programme.rules import RuleSet

Segment = Literal["valuable", "middle", "low", "at_risk"]
SEGMENTS: Final[tuple[Segment, ...]] = get_args(Segment)
SEGMENT_NAMES: Final[Mapping[Segment, str]] = {
    "valuable": "高价值", "middle": "中活跃", "low": "低活跃", "at_risk": "流失风险",
}  # fmt: skip
MIDDLE_DAYS: Final = 2
OFTEN_WITHIN: Final = timedelta(days=90)
YEAR: Final = timedelta(days=365)

ACTIVE: Final = """
SELECT count(*) FILTER (WHERE recent) AS active, count(*) FILTER (WHERE earlier) AS before,
    count(*) FILTER (WHERE earlier AND NOT recent) AS lost
FROM (
    SELECT person, bool_or(day > $3) AS recent, bool_or(day <= $3) AS earlier FROM member_day
    WHERE edition = $1 AND day > $4 AND day <= $2 AND acts > 0 GROUP BY person
) p
"""
ALL: Final = "SELECT count(*) FROM account WHERE merged_into IS NULL"
BUYERS: Final = """
SELECT count(*) AS buyers, count(*) FILTER (WHERE days > 1) AS again FROM (
    SELECT person, count(DISTINCT day) AS days FROM member_day
    WHERE edition = $1 AND day >= $2 AND day <= $3 AND orders > 0 GROUP BY person
) p
"""
SEGMENT: Final = """
    CASE
        WHEN p.last IS NULL OR p.last < $2::date - $4::int THEN 'at_risk'
        WHEN p.last < $2::date - $3::int THEN 'low'
        WHEN p.often >= $5::int AND p.points >= $6::bigint THEN 'valuable'
        WHEN p.often >= $7::int THEN 'middle'
        ELSE 'low'
    END
"""
"""The segment by recency, frequency and value, in that order."""
OF_PERSON: Final = """
    max(m.day) FILTER (WHERE m.acts > 0) AS last, coalesce(sum(m.issued), 0) AS points,
    count(DISTINCT m.day) FILTER (WHERE m.acts > 0 AND m.day > $8::date) AS often
"""
MATRIX: Final = f"""
SELECT p.tier, width_bucket(p.growth, $10::bigint[]) AS rung, {SEGMENT} AS segment, count(*) AS members
FROM (
    SELECT max(t.tier) FILTER (WHERE a.merged_into IS NULL) AS tier,
        max(a.growth) FILTER (WHERE a.merged_into IS NULL) AS growth, {OF_PERSON}
    FROM account a
    LEFT JOIN member_day m ON m.member_id = a.member_id AND m.edition = $1 AND m.day > $9::date AND m.day <= $2::date
    LEFT JOIN tier_span t ON t.member_id = a.member_id AND t.until IS NULL
    GROUP BY coalesce(m.person, a.member_id) HAVING bool_or(a.merged_into IS NULL)
) p GROUP BY 1, 2, 3
"""  # noqa: S608  # our own text
ONE: Final = f"""
SELECT {SEGMENT} AS segment FROM (
    SELECT {OF_PERSON} FROM member_day m
    WHERE m.member_id = ANY($10::bigint[]) AND m.edition = $1 AND m.day > $9::date AND m.day <= $2::date AND m.person = $11
) p
"""  # noqa: S608  # our own text


class Rates(NamedTuple):
    """Members in all, those active in the days that count, those of the days before these, and who of the latter stayed away.

    `buyers` bought in the span of days, `again` on two days of it or more.
    """

    members: int
    active: int
    before: int
    lost: int
    buyers: int
    again: int

    @property
    def activity(self) -> float | None:
        """活跃度: the share of all members who are active."""
        return self.active / self.members if self.members else None

    @property
    def churn(self) -> float | None:
        """流失率: of those who were active before, the share that stayed away."""
        return self.lost / self.before if self.before else None

    @property
    def repurchase(self) -> float | None:
        """复购率: of the buyers, the share that bought on another day again."""
        return self.again / self.buyers if self.buyers else None


def roi(totals: Totals, point_cost_fen: int | None) -> float | None:
    """投入产出比: what members paid, less refunds, per what the points that they used cost; None where the cost is unknown or 0.

    `point_cost_fen` is the cost of 100 points.
    """
    cost = totals.net_used * (point_cost_fen or 0) / 100
    return (totals["sold"] - totals["refunded"]) / cost if cost > 0 else None


async def rates(database: asyncpg.Pool, first: date, last: date, activity: Activity) -> Rates:
    """The rates at the end of the day `last`; buyers are those of the days from `first` on."""
    edition, span = await shown_edition(database), timedelta(days=activity.active_days)
    active = await database.fetchrow(ACTIVE, edition, last, last - span, last - 2 * span)
    buyers = await database.fetchrow(BUYERS, edition, first, last)
    return Rates(await database.fetchval(ALL), *active, *buyers)


Matrix = Mapping[tuple[str, Segment], int]
"""Members by tier id and segment."""


async def matrix(database: asyncpg.Pool, day: date, rules: RuleSet) -> Matrix:
    """How many members are in each tier and segment at the end of a day; everybody is in exactly one of each."""
    steps = sorted({tier.growth for tier in rules.tiers if tier.growth is not None})
    arguments = _arguments(day, rules.figures.activity)
    found: Counter[tuple[str, Segment]] = Counter()
    for tier, rung, segment, members in await database.fetch(
        MATRIX, await shown_edition(database), *arguments, steps
    ):
        growth = steps[rung - 1] if rung else 0
        found[rules.tiers[rules.ladder.held(tier, growth)].id, segment] += members
    return found


async def segment_of(database: asyncpg.Pool, member_id: int, day: date, rules: RuleSet) -> Segment:
    """The segment of one member at the end of a day; who never did anything may be lost."""
    arguments = _arguments(day, rules.figures.activity)
    halves = [member_id, *(row["other_id"] for row in await database.fetch(HALVES, member_id))]
    found: Segment = await database.fetchval(
        ONE, await shown_edition(database), *arguments, halves, member_id
    )
    return found


def _arguments(day: date, activity: Activity) -> tuple[object, ...]:
    """$2 to $9 of the statements."""
    return (
        day, activity.active_days, activity.risk_days, activity.often_days, activity.valuable_points, MIDDLE_DAYS,
        day - OFTEN_WITHIN, day - YEAR,
    )  # fmt: skip
