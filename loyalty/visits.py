"""Noting visits: the day on which a member was last here, and the notices that waited for a visit."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg
import structlog

from loyalty.engine.transactions import retried
from loyalty.ledger.calendar import business_day

log = structlog.get_logger(__name__)

TO_NOTE = """
SELECT a.member_id, a.halves FROM unnest($1::bigint[], $2::date[]) AS u(member_id, day)
JOIN account a ON a.member_id = u.member_id
WHERE a.last_seen_on < u.day OR a.halves > 0
    OR (SELECT true FROM notice n WHERE n.member_id = a.member_id AND (n.state = 'waiting') IS TRUE LIMIT 1)
"""
"""A member without an account has never had a receipt, hence no notice that could wait."""
HALVES = (
    "SELECT member_id, other_id FROM merged_half WHERE member_id = ANY($1::bigint[]) AND split_no IS NULL"
)
SEEN = """
UPDATE account a SET last_seen_on = u.day FROM unnest($1::bigint[], $2::date[]) AS u(member_id, day)
WHERE a.member_id = u.member_id AND a.last_seen_on < u.day
"""
NO_LONGER_WAITING = """
UPDATE notice n SET state = 'due', reason = 'visit', due_at = chosen.at
FROM (
    SELECT w.member_id, w.kind, w.key, w.state, u.at, u.most,
        row_number() OVER (PARTITION BY w.member_id ORDER BY w.state = 'waiting', w.due_at, w.kind, w.key) AS place
    FROM unnest($1::bigint[], $2::timestamptz[], $3::int[]) AS u(member_id, at, most)
    JOIN notice w ON w.member_id = u.member_id
    WHERE (w.state IN ('waiting', 'sending') OR (w.state = 'due' AND w.due_at <= u.at)) IS TRUE
) AS chosen
WHERE n.member_id = chosen.member_id AND n.kind = chosen.kind AND n.key = chosen.key
AND chosen.state = 'waiting' AND chosen.place <= chosen.most AND (n.state = 'waiting') IS TRUE
"""
"""Those come first whose wait ends first. Notices that are due already count, because they will use the same window.

`IS TRUE` hides the condition from the partial index of waiting notices: a plan made while few wait would walk all of them.
"""
WOKEN_BY_A_VISIT = 5
"""As many notices as the largest window carries."""

HELD_UP_MS = 100
"""A visit waits no longer for somebody who holds its account's row: all other visitors of the batch would wait with it."""


class HeldUp(Exception):
    """Somebody else holds the row of one of the visitors."""


class Visit(NamedTuple):
    """The instant of a visit, and how many waiting notices it makes due at most."""

    at: datetime
    most: int


async def note_visits(
    pool: asyncpg.Pool, zone: ZoneInfo, visits: Sequence[tuple[int, datetime, int]]
) -> None:
    """Store visits, each as (member, instant, how many waiting notices it makes due at most). A member may have several.

    Raises EngineUnavailable, and what the database raises when it is asked whether there is anything to write.
    """
    latest: dict[int, Visit] = {}
    for member_id, now, wakes in visits:
        at, most = latest.get(member_id, Visit(now, wakes))
        latest[member_id] = Visit(max(now, at), max(wakes, most))
    days = [business_day(visit.at, zone) for visit in latest.values()]
    rows = await pool.fetch(TO_NOTE, list(latest), days)
    new = {row["member_id"]: latest[row["member_id"]] for row in rows}
    if merged := [row["member_id"] for row in rows if row["halves"]]:
        # Notices of members merged into a visitor wait for the visit, too.
        new |= {half: latest[owner] for owner, half in await pool.fetch(HALVES, merged)}
    if new:
        await _note_new(pool, zone, new)


async def _note_new(pool: asyncpg.Pool, zone: ZoneInfo, visits: dict[int, Visit]) -> None:
    try:
        await _note(pool, zone, visits)
    except HeldUp:
        for member_id, visit in visits.items():
            await _note_alone(pool, zone, member_id, visit)


async def _note_alone(pool: asyncpg.Pool, zone: ZoneInfo, member_id: int, visit: Visit) -> None:
    try:
        await _note(pool, zone, {member_id: visit})
    except HeldUp:  # no business of the ledger's: the next visit will be noted
        log.warning("visit_not_recorded", member_id=member_id)


async def _note(pool: asyncpg.Pool, zone: ZoneInfo, visits: dict[int, Visit]) -> None:
    members = sorted(visits)
    instants, most = zip(*(visits[member_id] for member_id in members), strict=True)

    async def note(connection: asyncpg.Connection) -> None:
        days = [business_day(now, zone) for now in instants]
        try:
            await connection.execute(f"SET LOCAL lock_timeout = {HELD_UP_MS}")
            await connection.execute(SEEN, members, days)
            await connection.execute(NO_LONGER_WAITING, members, instants, most)
        except asyncpg.LockNotAvailableError as error:
            raise HeldUp from error

    await retried(pool, note)
