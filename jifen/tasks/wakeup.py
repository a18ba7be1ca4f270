"""Waking those who have been silent for as many days as the live rules say; once for each silence."""

from datetime import datetime, timedelta
from typing import Final

from jifen.loyalty.commands import WakeUp
from jifen.runtime.resources import Resources
from jifen.tasks.sweeps import START, Mark, walk

_SILENT: Final = """
SELECT last_seen_on, member_id, NOT EXISTS (
    SELECT FROM notice WHERE notice.member_id = m.member_id AND notice.kind = 'wake_up'
    AND notice.key = to_char(m.last_seen_on, 'YYYY-MM-DD')
) AS due
FROM (
    SELECT last_seen_on, member_id FROM member
    WHERE last_seen_on <= $1 AND (last_seen_on, member_id) > ($2, $3)
    ORDER BY last_seen_on, member_id LIMIT $4
) m
ORDER BY last_seen_on, member_id
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
        lambda mark, limit: resources.pool.fetch(_SILENT, silent_since, *mark, limit),
        lambda seen_on, member_id: WakeUp(
            member_id=member_id,
            request_key=f"job:wake_up|{seen_on}",
            at=now,
            actor="system",
            silent_since=seen_on,
        ),
    )
