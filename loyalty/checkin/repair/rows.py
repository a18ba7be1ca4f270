"""The rows that mending a day reads and writes: the days of the last week, cards, and the correction of the days in a row."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import asyncpg

from loyalty.checkin.repair.rule import MOST_DAYS_BACK
from loyalty.checkin.repair.streaks import Recent, SignedDay
from loyalty.checkin.rows import CHECK_INS, STREAK, signed_days
from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Read, ReadRequest
from loyalty.ledger.writes import MeterKey

SELECT_RECENT = f"""
SELECT a.member_id, c.day, {STREAK} AS streak, c.points
FROM unnest($1::bigint[], $2::date[]) AS u(member_id, oldest) JOIN account a ON a.member_id = u.member_id
JOIN check_in c ON c.member_id = a.member_id AND c.day >= u.oldest
ORDER BY a.member_id, c.day
"""  # noqa: S608  # an expression of ours
SELECT_FIRST = """
SELECT a.member_id, (SELECT min(day) FROM check_in c WHERE c.member_id = a.member_id) AS first
FROM account a WHERE a.member_id = ANY($1::bigint[])
"""


async def read_recent(
    database: asyncpg.Connection | asyncpg.Pool, members: Sequence[int], today: Sequence[date]
) -> dict[int, Recent]:
    """The recent days of many members, each as of a business day of its own."""
    oldest = [day - timedelta(days=MOST_DAYS_BACK + 1) for day in today]
    days: dict[int, list[SignedDay]] = defaultdict(list)
    for member_id, *signed in await database.fetch(SELECT_RECENT, members, oldest):
        days[member_id].append(SignedDay(*signed))
    firsts = await database.fetch(SELECT_FIRST, members)
    return {row["member_id"]: Recent(row["first"], tuple(days[row["member_id"]])) for row in firsts}


async def _recent(request: ReadRequest) -> Mapping[int, Recent]:
    return await read_recent(request.connection, request.members, [one.day for one in request.commands])


def _recent_in(past: Past, one: DatedCommand, _: object) -> Recent:
    first = min((day for (day,) in past.rows[CHECK_INS]), default=None)
    days = signed_days(past, one.day - timedelta(days=MOST_DAYS_BACK + 1))
    return Recent(first, tuple(SignedDay(*signed[:3]) for signed in days))


RECENT: Final = Read[Recent]("the signed days of the last week", _recent, Recent(), fold=_recent_in)
CARDS: Final = MeterKey("repair_cards")
"""The meter of the repair cards that a member holds."""


def repairs_in(day: date) -> MeterKey:
    """The meter of a member's repairs in the calendar month of `day`."""
    return MeterKey("check_in_repairs", f"{day:%Y-%m}")
