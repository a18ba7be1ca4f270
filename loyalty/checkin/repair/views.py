"""The days that a member can mend now, and the price."""

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from loyalty.checkin.repair.rows import CARDS, read_recent, repairs_in
from loyalty.checkin.repair.streaks import Recent, mend, missed_days
from loyalty.programme.in_force.live import LiveRules

SELECT_METERS = """
SELECT name, value FROM meter WHERE member_id = $1 AND name = ANY($2::text[]) AND period = ANY($3::text[])
"""


@dataclass(frozen=True)
class RepairDay:
    """A missed day: mending it pays `points` and makes it the `streak`-th in a row."""

    day: date
    points: int
    streak: int


@dataclass(frozen=True)
class RepairOffer:
    """The days that can be mended, oldest first, because mending in that order pays most.

    There are none when the repairs of the month are used up (`repairs_left` 0).
    `cards` are held; `price_points` is what the next repair costs: 0 with a card, null where one needs a card and has none.
    """

    days: list[RepairDay]
    cards: int
    price_points: int | None
    repairs_left: int
    per_month: int


async def repair_offer(
    database: asyncpg.Pool, member_id: int, live: LiveRules, now: datetime
) -> RepairOffer | None:
    """The member's offer on the business day of `now`; None if the programme has no repair cards."""
    rule, today = live.rules.repair, live.day(now)
    if rule is None:
        return None
    made, cards = await _counted(database, member_id, today)
    left = max(0, rule.per_month - made)
    recent = (await read_recent(database, [member_id], [today])).get(member_id, Recent())
    missed = missed_days(recent, today, rule.within_days) if left else []
    mended = [(day, mend(recent, day, live.rules.check_in)) for day in missed]
    days = [RepairDay(day, one.points, one.streak) for day, one in mended]
    return RepairOffer(days, cards, 0 if cards else rule.price_points, left, rule.per_month)


async def _counted(database: asyncpg.Pool, member_id: int, today: date) -> tuple[int, int]:
    """The repairs made in this month, and the cards held."""
    keys = (repairs_in(today), CARDS)
    rows = await database.fetch(
        SELECT_METERS, member_id, [key.name for key in keys], [key.period for key in keys]
    )
    values = dict(rows)
    return values.get(keys[0].name, 0), values.get(keys[1].name, 0)
