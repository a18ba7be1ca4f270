"""The job for members who have not visited for as long as the rules say: it warns them, and later forfeits their points.

The sweep pages by `member.last_seen_floor`, as the wake-up job does, which also says why that column may be behind the last visit.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import asyncpg

from loyalty.engine.command import Command
from loyalty.expiry.inactivity.commands import ForfeitInactive, WarnInactive
from loyalty.expiry.inactivity.rule import InactivityRule
from runtime.resources import Resources
from tasks.sweeps import START, Cursor, run_due
from tasks.wakeup import raise_floors

_INACTIVE: Final = """
WITH page AS MATERIALIZED (
    SELECT last_seen_floor, member_id FROM member
    WHERE last_seen_floor <= $1 AND (last_seen_floor, member_id) > ($2, $3)
    ORDER BY last_seen_floor, member_id LIMIT $4
), seen AS MATERIALIZED (
    SELECT a.member_id, a.last_seen_on, m.value AS warned_on FROM account a
    LEFT JOIN meter m ON m.member_id = a.member_id AND m.name = 'inactivity_warned'
        AND m.period = to_char(a.last_seen_on, 'YYYY-MM-DD')
    WHERE a.member_id IN (SELECT member_id FROM page) AND a.status = 'open' AND a.available > 0
)
SELECT p.last_seen_floor, p.member_id, s.last_seen_on <= $1 AS due, s.last_seen_on, s.warned_on,
    s.last_seen_on > p.last_seen_floor AS was_back
FROM page p LEFT JOIN seen s ON s.member_id = p.member_id
ORDER BY p.last_seen_floor, p.member_id
"""


async def forfeit_inactive(resources: Resources, now: datetime, after: Cursor = START) -> Cursor | None:
    """Warn members who have been away, and forfeit the points of those whose warning was long enough ago.

    A sweep (see `sweeps.Sweep`). Raises NoRulesPublished.
    """
    live = await resources.directory.rules(now)
    rule, today = live.rules.expiry.inactivity, live.day(now)
    if rule is None:
        return None
    return await run_due(
        resources.engine,
        after,
        lambda cursor, limit: _page(resources, rule.seen_at_most(today), cursor, limit),
        lambda row: _command(row, rule, today, now),
    )


def _command(row: asyncpg.Record, rule: InactivityRule, today: date, now: datetime) -> Command:
    """The forfeiture of somebody who was warned long enough ago; else the warning, which comes to nothing the second time."""
    seen, warned_on = row["last_seen_on"], row["warned_on"]
    may_go = warned_on and rule.gone_on(seen, date.fromordinal(warned_on)) <= today
    kind = ForfeitInactive if may_go else WarnInactive
    return kind(
        member_id=row["member_id"],
        request_key=f"job:{kind.name}|{seen}",
        at=now,
        actor="system",
        silent_since=seen,
    )


async def _page(
    resources: Resources, seen_at_most: date, cursor: Cursor, limit: int
) -> Sequence[asyncpg.Record]:
    rows: Sequence[asyncpg.Record] = await resources.pool.fetch(_INACTIVE, seen_at_most, *cursor, limit)
    await raise_floors(resources, rows)
    return rows
