"""Points that open, lapse, or soon will: booked and warned of, members in pages.

What can be spent never waits for these jobs; they bring the books up to date and the notices out.
"""

from datetime import datetime, timedelta
from typing import Final

from loyalty.expiry.commands import Book as Expire
from loyalty.expiry.commands import WarnExpiry
from loyalty.ledger.calendar import business_day
from runtime.resources import Resources
from tasks.sweeps import START, Mark, walk

_LAPSED: Final = """
SELECT DISTINCT expires_on, member_id, true AS due FROM lot
WHERE has_remaining AND expires_on <= $1 AND (expires_on, member_id) > ($2, $3)
ORDER BY expires_on, member_id LIMIT $4
"""
_OPENED: Final = """
SELECT DISTINCT opens_on, member_id, true AS due FROM lot
WHERE NOT opened AND opens_on <= $1 AND (opens_on, member_id) > ($2, $3)
ORDER BY opens_on, member_id LIMIT $4
"""
# Parallel arrays: the names of the ranges, and the lapse days each begins and ends with today; then the first and last of all.
_WARNED_OF: Final = """
SELECT expires_on, member_id, EXISTS (
    SELECT FROM unnest($1::text[], $2::date[], $3::date[]) AS r (name, first_day, last_day)
    WHERE l.expires_on BETWEEN r.first_day AND r.last_day AND NOT EXISTS (
        SELECT FROM notice WHERE notice.member_id = l.member_id AND notice.kind = 'expiry'
        AND notice.key = r.name || '|' || to_char(l.expires_on, 'YYYY-MM-DD')
    )
) AS due
FROM (
    SELECT DISTINCT expires_on, member_id FROM lot
    WHERE has_remaining AND expires_on BETWEEN $4 AND $5 AND (expires_on, member_id) > ($6, $7)
    ORDER BY expires_on, member_id LIMIT $8
) l
ORDER BY expires_on, member_id
"""


async def expire_points(resources: Resources, now: datetime, after: Mark = START) -> Mark | None:
    """Book what has lapsed by the business day of `now`; a sweep (see `sweeps.Sweep`)."""
    return await _book(resources, now, after, _LAPSED)


async def open_points(resources: Resources, now: datetime, after: Mark = START) -> Mark | None:
    """Book what has opened by the business day of `now`; a sweep (see `sweeps.Sweep`)."""
    return await _book(resources, now, after, _OPENED)


async def _book(resources: Resources, now: datetime, after: Mark, query: str) -> Mark | None:
    today = business_day(now, resources.zone)
    return await walk(
        resources.engine,
        after,
        lambda mark, limit: resources.pool.fetch(query, today, *mark, limit),
        lambda row: Expire(
            member_id=row["member_id"], request_key=f"job:expire|{today}", at=now, actor="system"
        ),
    )


async def warn_expiring(resources: Resources, now: datetime, after: Mark = START) -> Mark | None:
    """Write the notices for points whose days left fall within a range of the live rules and that have none yet.

    A sweep (see `sweeps.Sweep`). Raises NoRulesPublished.
    """
    live = await resources.directory.rules(now)
    today, ranges = live.day(now), live.rules.notices.expiry.ranges_days
    names = [f"{first}-{last}" for first, last in ranges]
    first_days = [today + timedelta(days=last) for _, last in ranges]
    last_days = [today + timedelta(days=first) for first, _ in ranges]
    days = (names, first_days, last_days, min(first_days, default=today), max(last_days, default=today))
    return await walk(
        resources.engine,
        after,
        lambda mark, limit: resources.pool.fetch(_WARNED_OF, *days, *mark, limit),
        lambda row: WarnExpiry(
            member_id=row["member_id"], request_key=f"job:warn_expiry|{today}", at=now, actor="system"
        ),
    )
