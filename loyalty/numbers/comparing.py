"""活动对比: two rule versions or campaigns by the same numbers (N12), and which campaign moves most points (N15)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Literal, NamedTuple

import asyncpg

from loyalty.numbers.facts import Amount
from loyalty.numbers.feed import shown_edition
from loyalty.numbers.reports import Line, by_dimension, title_of
from loyalty.numbers.totals import COLUMNS, Totals
from loyalty.programme.rules import RuleSet

Comparable = Literal["version", "campaign"]
SELECTS: Final[Mapping[Comparable, str]] = {
    "version": """
        SELECT flow, sum(points)::bigint AS points, sum(times)::bigint AS times, sum(fen)::bigint AS fen, min(day) AS first,
            max(day) AS last
        FROM daily_fact WHERE edition = $1 AND version::text = $2 AND day >= $3 AND day <= $4 GROUP BY flow
    """,
    "campaign": """
        SELECT flow, sum(points)::bigint AS points, sum(times)::bigint AS times, sum(fen)::bigint AS fen, min(day) AS first,
            max(day) AS last
        FROM daily_fact WHERE edition = $1 AND campaign = $2 AND day >= $3 AND day <= $4 GROUP BY flow
    """,
}
NO_CONTROL: Final = (
    "这是前后对比，没有对照组：差别也可能来自季节、客流等别的原因，不能都算作规则或活动的效果。"
)


class Side(NamedTuple):
    """A version or campaign: its days from the first to the last on which anything happened, and its numbers."""

    part: str
    title: str
    first: date | None
    last: date | None
    totals: Totals

    @property
    def days(self) -> int:
        """The days from the first to the last; 0 if nothing happened."""
        return (self.last - self.first).days + 1 if self.first and self.last else 0

    def per_day(self, name: str) -> float:
        """A number per day; money in fen."""
        return self.totals[name] / self.days if self.days else 0.0


class Difference(NamedTuple):
    """A number of both sides per day, and by how much the second is above the first; None where the first is 0."""

    name: str
    one: float
    other: float

    @property
    def change(self) -> float | None:
        """The relative change, 0.5 for half as much again."""
        return self.other / self.one - 1 if self.one else None


async def compare(
    database: asyncpg.Pool,
    dimension: Comparable,
    parts: tuple[str, str],
    first: date,
    last: date,
    rules: RuleSet,
) -> tuple[Side, Side]:
    """Two versions or campaigns within the same span of days."""
    edition = await shown_edition(database)
    one, other = [await _side(database, edition, dimension, part, first, last, rules) for part in parts]
    return one, other


async def _side(
    database: asyncpg.Pool,
    edition: int,
    dimension: Comparable,
    part: str,
    first: date,
    last: date,
    rules: RuleSet,
) -> Side:
    rows = await database.fetch(SELECTS[dimension], edition, part, first, last)
    totals = Totals({row["flow"]: Amount(row["points"], row["times"], row["fen"]) for row in rows})
    begin, end = (
        min((row["first"] for row in rows), default=None),
        max((row["last"] for row in rows), default=None),
    )
    return Side(part, title_of(dimension, part, rules), begin, end, totals)


def differences(one: Side, other: Side) -> list[Difference]:
    """The numbers of which either side has any, per day."""
    return [
        Difference(name, one.per_day(name), other.per_day(name))
        for name in COLUMNS
        if one.totals[name] or other.totals[name]
    ]


def turnover(totals: Totals) -> int:
    """积分流转: the points that a campaign brought, and those that were used on it."""
    return totals["issued"] + totals["used"] + totals["captured"]


async def ranked_campaigns(database: asyncpg.Pool, first: date, last: date, rules: RuleSet) -> Sequence[Line]:
    """The campaigns of a span of days, the one with the largest turnover of points first."""
    report = await by_dimension(database, first, last, "campaign", rules)
    return sorted(
        (one for one in report.lines if one.part), key=lambda line: (-turnover(line.totals), line.part)
    )
