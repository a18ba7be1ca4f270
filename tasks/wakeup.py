"""Waking those who have been silent for as many days as the live rules say; once for each silence.

A visit is not written into what this sweep walks by: an index entry with the first message of each day costs more than one look a
month costs here. `member.last_seen_floor` is no later than the last visit, and is raised to it when the sweep comes by.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import asyncpg

from loyalty.wakeup import WakeUp
from runtime.resources import Resources
from tasks.sweeps import START, Mark, walk

_PERHAPS_SILENT: Final = """
SELECT m.last_seen_floor, member_id, a.last_seen_on <= $1 AND NOT EXISTS (
    SELECT FROM notice WHERE notice.member_id = a.member_id AND notice.kind = 'wake_up'
    AND notice.key = to_char(a.last_seen_on, 'YYYY-MM-DD')
) AS due, a.last_seen_on, a.last_seen_on > m.last_seen_floor AS was_back
FROM (
    SELECT last_seen_floor, member_id FROM member
    WHERE last_seen_floor <= $1 AND (last_seen_floor, member_id) > ($2, $3)
    ORDER BY last_seen_floor, member_id LIMIT $4
) m LEFT JOIN account a USING (member_id)
ORDER BY last_seen_floor, member_id
"""
_RAISE_FLOORS: Final = """
UPDATE member m SET last_seen_floor = u.day FROM unnest($1::bigint[], $2::date[]) AS u(member_id, day)
WHERE m.member_id = u.member_id AND m.last_seen_floor < u.day
"""


async def wake_silent(resources: Resources, now: datetime, after: Mark = START) -> Mark | None:
    """Write a wake-up notice for every member silent long enough by the business day of `now`.

    A sweep (see `sweeps.Sweep`). Raises NoRulesPublished.
    """
    live = await resources.directory.rules(now)
    silent_since = live.day(now) - timedelta(days=live.rules.notices.wake_up.silent_days)
    return await walk(
        resources.engine,
        after,
        lambda mark, limit: _page(resources, silent_since, mark, limit),
        lambda row: WakeUp(
            member_id=row["member_id"],
            request_key=f"job:wake_up|{row['last_seen_on']}",
            at=now,
            actor="system",
            silent_since=row["last_seen_on"],
        ),
    )


async def _page(resources: Resources, silent_since: date, mark: Mark, limit: int) -> Sequence[asyncpg.Record]:
    """The next members who may be silent for that long, with what is true of them; the floors of those who were back are raised.

    Who has no account any more, as another has it all now, is neither due nor was back.
    """
    rows: Sequence[asyncpg.Record] = await resources.pool.fetch(_PERHAPS_SILENT, silent_since, *mark, limit)
    seen = [(row["member_id"], row["last_seen_on"]) for row in rows if row["was_back"]]
    if seen:
        members, days = zip(*sorted(seen), strict=True)
        await resources.engine.transact(lambda connection: connection.execute(_RAISE_FLOORS, members, days))
    return rows
