"""The jobs for points that open, lapse, or will lapse soon: they book the change, or write the warning.

A member's balance does not depend on these jobs: it counts what has opened and lapsed, whether or not that is booked.
"""

from datetime import datetime, timedelta
from typing import Final

from loyalty.expiry.commands import Book as Expire
from loyalty.expiry.commands import WarnExpiry
from loyalty.ledger.calendar import business_day
from runtime.resources import Resources
from tasks.sweeps import START, Cursor, run_due

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
# $1 to $3 are parallel arrays with one item for each range of days left that the rules name: its name, with which a notice's
# key begins, and the first and last expiry date that lie in it today. $4 and $5 are the first and last date of all ranges.
_WARNED_OF: Final = """
WITH page AS MATERIALIZED (
    SELECT DISTINCT expires_on, member_id FROM lot
    WHERE has_remaining AND expires_on BETWEEN $4 AND $5 AND (expires_on, member_id) > ($6, $7)
    ORDER BY expires_on, member_id LIMIT $8
), warned AS MATERIALIZED (
    SELECT member_id, array_agg(key) AS keys FROM notice
    WHERE kind = 'expiry' AND member_id IN (SELECT member_id FROM page) GROUP BY member_id
)
SELECT p.expires_on, p.member_id, EXISTS (
    SELECT FROM unnest($1::text[], $2::date[], $3::date[]) AS r (name, first_day, last_day)
    WHERE p.expires_on BETWEEN r.first_day AND r.last_day
    AND (r.name || '|' || to_char(p.expires_on, 'YYYY-MM-DD') = ANY(w.keys)) IS NOT TRUE
) AS due
FROM page p LEFT JOIN warned w ON w.member_id = p.member_id
ORDER BY p.expires_on, p.member_id
"""


async def expire_points(resources: Resources, now: datetime, after: Cursor = START) -> Cursor | None:
    """Book what has lapsed by the business day of `now`; a sweep (see `sweeps.Sweep`)."""
    return await _book(resources, now, after, _LAPSED)


async def open_points(resources: Resources, now: datetime, after: Cursor = START) -> Cursor | None:
    """Book what has opened by the business day of `now`; a sweep (see `sweeps.Sweep`)."""
    return await _book(resources, now, after, _OPENED)


async def _book(resources: Resources, now: datetime, after: Cursor, query: str) -> Cursor | None:
    today = business_day(now, resources.zone)
    return await run_due(
        resources.engine,
        after,
        lambda cursor, limit: resources.pool.fetch(query, today, *cursor, limit),
        lambda row: Expire(
            member_id=row["member_id"], request_key=f"job:expire|{today}", at=now, actor="system"
        ),
    )


async def warn_expiring(resources: Resources, now: datetime, after: Cursor = START) -> Cursor | None:
    """Write an expiry notice for points whose days left fall within a range of the rules in force, once per range.

    A sweep (see `sweeps.Sweep`). Raises NoRulesPublished.
    """
    live = await resources.directory.rules(now)
    today, ranges = live.day(now), live.rules.notices.expiry.ranges_days
    names = [f"{first}-{last}" for first, last in ranges]
    first_days = [today + timedelta(days=last) for _, last in ranges]
    last_days = [today + timedelta(days=first) for first, _ in ranges]
    days = (names, first_days, last_days, min(first_days, default=today), max(last_days, default=today))
    return await run_due(
        resources.engine,
        after,
        lambda cursor, limit: resources.pool.fetch(_WARNED_OF, *days, *cursor, limit),
        lambda row: WarnExpiry(
            member_id=row["member_id"], request_key=f"job:warn_expiry|{today}", at=now, actor="system"
        ),
    )
