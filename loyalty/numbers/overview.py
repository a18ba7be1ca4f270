"""总览: today so far against the same weekday last week, up to the same minute."""

from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.changes import SETTLED_AFTER
from loyalty.numbers.facts import Amount
from loyalty.numbers.feed import shown_edition
from loyalty.numbers.totals import Totals

WEEK: Final = timedelta(days=7)
SO_FAR: Final = """
SELECT flow, sum(points)::bigint, sum(times)::bigint, sum(fen)::bigint FROM minute_fact
WHERE edition = $1 AND day = $2 AND minute < $3 GROUP BY flow
"""
ACTIVE: Final = "SELECT count(*) FROM member_day WHERE edition = $1 AND day = $2 AND first_minute < $3"


class SoFar(NamedTuple):
    """A day up to a minute: its numbers, and the members who did something."""

    day: date
    totals: Totals
    active: int


class Overview(NamedTuple):
    """Today and the same weekday last week, both up to the minute `until`, "10:32", that is not counted itself."""

    until: str
    today: SoFar
    before: SoFar


async def overview(database: asyncpg.Pool, now: datetime, zone: ZoneInfo) -> Overview:
    """The overview. It ends where the facts are complete, half a minute before now."""
    at = (now - SETTLED_AFTER).astimezone(zone)
    edition, minute = await shown_edition(database), 60 * at.hour + at.minute
    today, before = [await _so_far(database, edition, day, minute) for day in (at.date(), at.date() - WEEK)]
    return Overview(f"{at:%H:%M}", today, before)


async def _so_far(database: asyncpg.Pool, edition: int, day: date, minute: int) -> SoFar:
    rows = await database.fetch(SO_FAR, edition, day, minute)
    totals = Totals({flow: Amount(*amount) for flow, *amount in rows})
    return SoFar(day, totals, await database.fetchval(ACTIVE, edition, day, minute))
