"""The wake-up job: write a notice for members silent for as many days as the rules in force say, once per silence.

The sweep pages by the index of `member.last_seen_floor`, a day no later than the last visit. A visit does not change that column,
because an index entry per member and day would cost more than the sweep's reading of an active member once per `silent_days`. When
the sweep reads a floor that is behind the last visit, it raises the floor to that day.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import asyncpg

from loyalty.wakeup import WakeUp
from runtime.resources import Resources
from tasks.sweeps import START, Cursor, run_due

_PERHAPS_SILENT: Final = """
WITH page AS MATERIALIZED (
    SELECT last_seen_floor, member_id FROM member
    WHERE last_seen_floor <= $1 AND (last_seen_floor, member_id) > ($2, $3)
    ORDER BY last_seen_floor, member_id LIMIT $4
), seen AS MATERIALIZED (
    SELECT member_id, last_seen_on FROM account WHERE member_id IN (SELECT member_id FROM page) AND merged_into IS NULL
), woken AS MATERIALIZED (
    SELECT member_id, array_agg(key) AS keys FROM notice
    WHERE kind = 'wake_up' AND member_id IN (SELECT member_id FROM page) GROUP BY member_id
)
SELECT p.last_seen_floor, p.member_id,
    s.last_seen_on <= $1 AND (to_char(s.last_seen_on, 'YYYY-MM-DD') = ANY(w.keys)) IS NOT TRUE AS due,
    s.last_seen_on, s.last_seen_on > p.last_seen_floor AS was_back
FROM page p LEFT JOIN seen s ON s.member_id = p.member_id LEFT JOIN woken w ON w.member_id = p.member_id
ORDER BY p.last_seen_floor, p.member_id
"""
_RAISE_FLOORS: Final = """
UPDATE member m SET last_seen_floor = u.day FROM unnest($1::bigint[], $2::date[]) AS u(member_id, day)
WHERE m.member_id = u.member_id AND m.last_seen_floor < u.day
"""


async def wake_silent(resources: Resources, now: datetime, after: Cursor = START) -> Cursor | None:
    """Write a wake-up notice for every member silent long enough by the business day of `now`.

    A sweep (see `sweeps.Sweep`). Raises NoRulesPublished.
    """
    live = await resources.directory.rules(now)
    silent_since = live.day(now) - timedelta(days=live.rules.notices.wake_up.silent_days)
    return await run_due(
        resources.engine,
        after,
        lambda cursor, limit: _page(resources, silent_since, cursor, limit),
        lambda row: WakeUp(
            member_id=row["member_id"],
            request_key=f"job:wake_up|{row['last_seen_on']}",
            at=now,
            actor="system",
            silent_since=row["last_seen_on"],
        ),
    )


async def _page(
    resources: Resources, silent_since: date, cursor: Cursor, limit: int
) -> Sequence[asyncpg.Record]:
    """The next members whose floor is that old; raises the floors that are behind the last visit.

    Members merged into another are left alone: they are neither due, nor is their floor raised.
    """
    rows: Sequence[asyncpg.Record] = await resources.pool.fetch(_PERHAPS_SILENT, silent_since, *cursor, limit)
    await raise_floors(resources, rows)
    return rows


async def raise_floors(resources: Resources, rows: Sequence[asyncpg.Record]) -> None:
    """Raise the floors of those rows that have `was_back` to their `last_seen_on`."""
    seen = [(row["member_id"], row["last_seen_on"]) for row in rows if row["was_back"]]
    if seen:
        members, days = zip(*sorted(seen), strict=True)
        await resources.engine.transact(lambda connection: connection.execute(_RAISE_FLOORS, members, days))
