"""The rows that mending a day reads and writes: the days of the last week, cards, and the correction of the days in a row."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple

import asyncpg

from loyalty.checkin.repair.rule import MOST_DAYS_BACK
from loyalty.checkin.repair.streaks import Recent, SignedDay
from loyalty.checkin.rows import STREAK
from loyalty.engine.feature import Read, ReadRequest
from loyalty.ledger.writes import MeterKey, Table

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


class RepairRow(NamedTuple):
    """A mended day. Each day after it up to `through` counts `shift` days more in a row than it was stored with."""

    day: date
    through: date
    shift: int
    price_points: int


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


RECENT: Final = Read[Recent]("the signed days of the last week", _recent, Recent())
REPAIRS: Final = Table("check_in_repair", RepairRow)
CARDS: Final = MeterKey("repair_cards")
"""The meter of the repair cards that a member holds."""


def repairs_in(day: date) -> MeterKey:
    """The meter of a member's repairs in the calendar month of `day`."""
    return MeterKey("check_in_repairs", f"{day:%Y-%m}")
