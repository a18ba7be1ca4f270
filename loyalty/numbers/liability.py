"""负债与成本 (L10): what outstanding points would cost, when they lapse, and what redemptions have cost."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

import asyncpg

from loyalty.ledger.calendar import NEVER
from loyalty.numbers.feed import shown_edition

HUNDRED: Final = 100

OUTSTANDING: Final = """
SELECT coalesce(sum(available), 0)::bigint AS available, coalesce(sum(pending), 0)::bigint AS pending,
    coalesce(sum(held), 0)::bigint AS held, coalesce(sum(debt), 0)::bigint AS debt
FROM account
"""
LAPSING: Final = """
SELECT date_trunc('month', expires_on)::date AS month, sum(remaining)::bigint AS points FROM lot
WHERE has_remaining AND expires_on < $1 GROUP BY 1 ORDER BY 1
"""
SPENT_ON: Final = """
SELECT flow, rule, sum(times)::bigint AS pieces, sum(points)::bigint AS points, sum(fen)::bigint AS fen FROM daily_fact
WHERE edition = $1 AND flow IN ('redeemed', 'cancelled', 'written_off') AND day >= $2 AND day <= $3 GROUP BY flow, rule
ORDER BY flow, sum(fen) DESC, rule
"""


class Lapsing(NamedTuple):
    """The points that lapse in a month unless they are used."""

    month: date
    points: int


class Outstanding(NamedTuple):
    """What members hold, by bucket, less what they owe; and the cost of 100 points in fen, None if the rules do not say."""

    available: int
    pending: int
    held: int
    debt: int
    lapsing: Sequence[Lapsing]
    point_cost_fen: int | None

    @property
    def points(self) -> int:
        """All points that members may still use. What others owe lessens nobody's claim."""
        return self.available + self.pending + self.held

    @property
    def liability_fen(self) -> int | None:
        """未使用积分 × 每分成本, in fen, rounded half up."""
        if self.point_cost_fen is None:
            return None
        exact = Decimal(self.points) * self.point_cost_fen / HUNDRED
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


class Cost(NamedTuple):
    """Pieces of a reward or prize redeemed, cancelled or written off, the points that paid, and the sum of their unit costs."""

    flow: str
    rule: str
    pieces: int
    points: int
    fen: int


async def outstanding(database: asyncpg.Pool, point_cost_fen: int | None) -> Outstanding:
    """The points outstanding now."""
    row = await database.fetchrow(OUTSTANDING)
    lapsing = [Lapsing(*one) for one in await database.fetch(LAPSING, NEVER)]
    return Outstanding(row["available"], row["pending"], row["held"], row["debt"], lapsing, point_cost_fen)


async def costs(database: asyncpg.Pool, first: date, last: date) -> Sequence[Cost]:
    """What redemptions of a span of days cost, by the unit costs of the rules under which they were bought."""
    return [Cost(*row) for row in await database.fetch(SPENT_ON, await shown_edition(database), first, last)]
