"""积分库龄: how long the points that members hold have lain there since they could be used."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

import asyncpg

BOUNDS: Final = (0, 31, 91, 181, 366)
TITLES: Final = ("还没到账", "30 天以内", "31–90 天", "91–180 天", "181–365 天", "一年以上")
"""The names of what is below the first bound, between two bounds, and from the last one on."""

AGES: Final = """
SELECT width_bucket($1::date - opens_on, $2::int[]) AS age, sum(remaining)::bigint AS points FROM lot
WHERE has_remaining GROUP BY 1
"""


class Age(NamedTuple):
    """The points of an age, by its title."""

    title: str
    points: int


async def ages(database: asyncpg.Pool, today: date) -> Sequence[Age]:
    """The points by age, the youngest first; those that are held for a payment are in none."""
    found = {row["age"]: row["points"] for row in await database.fetch(AGES, today, list(BOUNDS))}
    return [Age(title, found.get(place, 0)) for place, title in enumerate(TITLES)]
