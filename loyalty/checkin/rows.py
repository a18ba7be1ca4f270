"""The rows that a sign-in reads and writes: the member's last sign-in, and the new one."""

from collections.abc import Mapping
from datetime import date
from typing import Final, NamedTuple

from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past, Row
from loyalty.engine.reads import Read, ReadRequest
from loyalty.ledger.writes import Table

LONGEST_SHIFT_DAYS: Final = 14
"""A mended day adds to the streaks of at most so many days after it, so that reading a streak does not read all repairs.

A card mends a day of the last week, as of the instant that the member asked; a message that arrives days late finds the later
sign-ins in place, and mending reaches those too.
"""
STREAK: Final = f"""
c.streak + coalesce((
    SELECT sum(r.shift) FROM check_in_repair r
    WHERE r.member_id = c.member_id AND r.day < c.day AND r.day >= c.day - {LONGEST_SHIFT_DAYS} AND r.through >= c.day
), 0)::int
"""  # noqa: S608  # a number of ours
"""The present streak of the sign-in `c`: its stored streak, and what mending missed days before it has added to it."""
SELECT_LAST: Final = f"""
SELECT a.member_id, c.day, c.streak, c.points FROM account a
CROSS JOIN LATERAL (
    SELECT day, {STREAK} AS streak, points FROM check_in c WHERE member_id = a.member_id ORDER BY day DESC LIMIT 1
) c
WHERE a.member_id = ANY($1::bigint[])
"""  # noqa: S608  # an expression of ours


class CheckInRow(NamedTuple):
    """A sign-in; a `carried` one came with a member who was merged into this one, who had its points."""

    day: date
    streak: int
    points: int
    carried: bool = False


class RepairRow(NamedTuple):
    """A mended day. Each day after it up to `through` counts `shift` days more in a row than it was stored with.

    `price_points` is None for a day that was not mended but came with a member who was merged into this one.
    """

    day: date
    through: date
    shift: int
    price_points: int | None


async def _last(request: ReadRequest) -> Mapping[int, CheckInRow | None]:
    rows = await request.connection.fetch(SELECT_LAST, request.members)
    return {member_id: CheckInRow(*check_in) for member_id, *check_in in rows}


CHECK_INS: Final = Table("check_in", CheckInRow, key=("day",))
REPAIRS: Final = Table("check_in_repair", RepairRow, key=("day",))


def signed_days(past: Past, since: date) -> list[CheckInRow]:
    """The days signed in or mended from `since` on, oldest first, each with its present streak."""
    rows = past.rows[CHECK_INS]
    days = sorted(day for (day,) in rows if day >= since)
    return [CheckInRow(day, _streak(past, rows[day,]), rows[day,]["points"]) for day in days]


def _streak(past: Past, row: Row) -> int:
    """The second body of STREAK."""
    repairs = past.rows[REPAIRS].values()
    shifts = (one["shift"] for one in repairs if one["day"] < row["day"] <= one["through"])
    streak: int = sum(shifts, row["streak"])
    return streak


def _last_in(past: Past, _: DatedCommand, __: object) -> CheckInRow | None:
    newest = max((day for (day,) in past.rows[CHECK_INS]), default=None)
    return signed_days(past, newest)[-1] if newest else None


LAST_CHECK_IN: Final = Read[CheckInRow | None]("last check-in", _last, None, fold=_last_in)
