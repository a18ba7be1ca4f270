"""会员 by day: new ones, those who came, those active within the days that count, and those who stay silent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

import asyncpg

from loyalty.numbers.feed import shown_edition
from loyalty.numbers.members import ALL

JOINED: Final = """
SELECT day, sum(times)::bigint AS members FROM daily_fact WHERE edition = $1 AND day >= $2 AND flow = 'joined' GROUP BY day
"""
CAME: Final = """
SELECT day, until, count(*) AS members FROM (
    SELECT day, least(lead(day) OVER (PARTITION BY person ORDER BY day), day + $4::int) AS until FROM (
        SELECT DISTINCT person, day FROM member_day WHERE edition = $1 AND day > $2 AND day <= $3 AND acts > 0
    ) d
) p GROUP BY day, until
"""
"""On `day` the members came, and that made them active up to `until`, exclusive; then they came again or were active no more."""


class MembersOn(NamedTuple):
    """A day: members who joined, who came, who came within the days that count, and who had joined but did not."""

    day: date
    joined: int
    came: int
    active: int
    silent: int


async def members_by_day(
    database: asyncpg.Pool, first: date, last: date, active_days: int
) -> Sequence[MembersOn]:
    """The days from `first` to `last`, both inclusive."""
    edition = await shown_edition(database)
    joined = {row["day"]: row["members"] for row in await database.fetch(JOINED, edition, first)}
    begin = first - timedelta(days=active_days)
    came = {
        (row["day"], row["until"]): row["members"]
        for row in await database.fetch(CAME, edition, begin, last, active_days)
    }
    return days_of(first, last, await database.fetchval(ALL), joined, came)


def days_of(
    first: date, last: date, members: int, joined: Mapping[date, int], came: Mapping[tuple[date, date], int]
) -> list[MembersOn]:
    """The days, from the members that there are now, who joined by day, and who was active from a day until another."""
    visits: Counter[date] = Counter()
    steps: Counter[date] = Counter()
    for (day, until), number in came.items():
        visits[day] += number
        steps[day] += number
        steps[until] -= number
    active = sum(number for day, number in steps.items() if day < first)
    there = members - sum(number for day, number in joined.items() if day >= first)
    found = []
    for place in range((last - first).days + 1):
        day = first + timedelta(days=place)
        active += steps[day]
        there += joined.get(day, 0)
        found.append(MembersOn(day, joined.get(day, 0), visits[day], active, max(there - active, 0)))
    return found
