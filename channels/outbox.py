"""The rows of table notice on their way out: claimed under a lease, marked before and after every send.

    due ──claim──▶ sending ──settle──▶ sent ──close──▶ delivered | failed
     ▲                │                waiting (a visit makes it due again; without one it is suppressed in the end)
     └── not sent ────┘                suppressed · failed · unknown

A row is claimed alone, just before its send, so a crash leaves at most one row per lane in doubt. `channel` is
written before the send begins: a lease that ends without one was never sent and is claimed again, a lease that ends
with one may have been sent and becomes `unknown`, which nobody repeats. While a row is being sent `due_at` is the
end of its lease and the proof of who holds it; while it waits, until when; once it is settled otherwise it is the
instant of that.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from base import gauges
from loyalty.ledger.calendar import add_months, day_start

Channel = Literal["customer_service", "template", "subscribe"]
State = Literal["due", "sent", "waiting", "suppressed", "unknown", "failed"]

LEASE: Final = timedelta(seconds=60)
_RACE_PAUSES_S: Final = (0.1, 0.3, 0.6)

_ROW: Final = "member_id = $1 AND kind = $2 AND key = $3"
_DUE: Final = """
SELECT member_id, kind, key FROM notice WHERE state IN ('due', 'sending') AND due_at <= $1
ORDER BY due_at, member_id, kind, key LIMIT $2
"""
_CLAIM: Final = f"""
UPDATE notice SET state = 'sending', due_at = $5, channel = NULL, sent_at = NULL, attempts = attempts + 1
WHERE {_ROW} AND due_at <= $4 AND (state = 'due' OR (state = 'sending' AND channel IS NULL))
RETURNING payload, attempts, created_at
"""  # noqa: S608 - a constant of this file
_LOSE: Final = f"""
UPDATE notice SET state = 'unknown', reason = 'lease_over'
WHERE {_ROW} AND due_at <= $4 AND state = 'sending' AND channel IS NOT NULL RETURNING channel
"""  # noqa: S608 - a constant of this file
_BEGIN: Final = f"""
UPDATE notice SET channel = $5, sent_at = $6 WHERE {_ROW} AND due_at = $4 AND state = 'sending' RETURNING 1
"""  # noqa: S608 - a constant of this file
_SETTLE: Final = f"""
UPDATE notice SET state = $5, reason = $6, channel = $7, message_id = $8, due_at = $9, attempts = $10,
    sent_at = CASE WHEN $7::text IS NULL THEN NULL ELSE sent_at END
WHERE {_ROW} AND due_at = $4 AND state IN ('sending', 'unknown') RETURNING 1
"""  # noqa: S608 - a constant of this file
_END_WAITING: Final = """
UPDATE notice SET state = 'suppressed', reason = 'waited_too_long'
WHERE state = 'waiting' AND due_at <= $1 AND (member_id, kind, key) IN (
    SELECT member_id, kind, key FROM notice WHERE state = 'waiting' AND due_at <= $1
    ORDER BY due_at, member_id, kind, key LIMIT $2
)
RETURNING 1
"""
_CLOSE: Final = """
UPDATE notice SET state = $2, reason = $3, due_at = $4 WHERE message_id = $1 AND channel = $5 AND state = 'sent'
RETURNING kind, channel
"""
_SENT_BETWEEN: Final = """
SELECT count(*) FROM notice WHERE member_id = $1 AND kind = $2 AND channel = $3 AND sent_at >= $4 AND sent_at < $5
AND state IN ('sending', 'sent', 'delivered', 'unknown')
"""


class LeaseLost(Exception):
    """The notice is no longer this process's to send or to settle."""


class NoticeKey(NamedTuple):
    """What names a notice."""

    member_id: int
    kind: str
    key: str


@dataclass(frozen=True)
class Claimed:
    """A notice this process may send until `lease`; `attempts` counts this one. It was written at `created_at`."""

    id: NoticeKey
    payload: Mapping[str, Any] = field(repr=False)
    attempts: int
    lease: datetime
    created_at: datetime


@dataclass(frozen=True)
class Verdict:
    """What became of a claimed notice.

    `due_at` is for `due`, when to try again, and for `waiting`, until when. An attempt that was not the notice's own
    fault does not count (`counts`). `halt` asks the run to stop: every other notice would meet the same.
    """

    state: State
    reason: str | None = None
    channel: Channel | None = None
    message_id: str | None = None
    due_at: datetime | None = None
    counts: bool = True
    halt: bool = False


async def due(pool: asyncpg.Pool, now: datetime, limit: int) -> list[NoticeKey]:
    """Notices to be looked at by `now`, longest due first; ended leases among them."""
    return [NoticeKey(*row) for row in await pool.fetch(_DUE, now, limit)]


async def claim(pool: asyncpg.Pool, notice: NoticeKey, now: datetime) -> Claimed | None:
    """Take the notice for one attempt; None when another worker has it or it is not due."""
    lease = now + LEASE
    row = await pool.fetchrow(_CLAIM, *notice, now, lease)
    if row is None:
        return None
    return Claimed(notice, json.loads(row["payload"]), row["attempts"], lease, row["created_at"])


async def give_up_lost(pool: asyncpg.Pool, notice: NoticeKey, now: datetime) -> bool:
    """Mark a notice unknown whose worker vanished while it was perhaps being sent; True if it was."""
    channel = await pool.fetchval(_LOSE, *notice, now)
    if channel is not None:
        gauges.notice(notice.kind, "unknown", channel)
    return channel is not None


async def begin(pool: asyncpg.Pool, notice: Claimed, channel: Channel, now: datetime) -> None:
    """Write down that a send by `channel` begins. Raises LeaseLost: then nothing may be sent."""
    if await pool.fetchval(_BEGIN, *notice.id, notice.lease, channel, now) is None:
        raise LeaseLost


async def settle(pool: asyncpg.Pool, notice: Claimed, verdict: Verdict, now: datetime) -> None:
    """Write what became of it; a lease that ended meanwhile gives way to this better knowledge.

    Raises LeaseLost when another worker has taken the notice up since.
    """
    attempts = notice.attempts if verdict.counts else notice.attempts - 1
    mine = await pool.fetchval(
        _SETTLE, *notice.id, notice.lease, verdict.state, verdict.reason, verdict.channel,
        verdict.message_id, verdict.due_at or now, 0 if verdict.state == "waiting" else attempts,
    )  # fmt: skip
    if mine is None:
        raise LeaseLost
    gauges.notice(notice.id.kind, verdict.state, verdict.channel)


async def end_waiting(pool: asyncpg.Pool, now: datetime, limit: int) -> int:
    """Suppress what has waited for a visit until its end, at most `limit`; how many there were."""
    return len(await pool.fetch(_END_WAITING, now, limit))


async def close(pool: asyncpg.Pool, channel: Channel, message_id: str, status: str, now: datetime) -> bool:
    """WeChat's last word on a sent message: `success`, or why it did not arrive (WeChat docs: 模板消息 · 事件推送).

    Each channel numbers its messages for itself. The event can overtake the answer to the send, so while something is being
    sent it is given a second to appear.
    False when no notice awaits this message id.
    """
    state, reason = ("delivered", None) if status == "success" else ("failed", status)
    pauses_s, is_last = iter(_RACE_PAUSES_S), False
    while True:
        closed = await pool.fetchrow(_CLOSE, message_id, state, reason, now, channel)
        if closed is not None:
            gauges.notice(closed["kind"], state, closed["channel"])
            return True
        if is_last:
            return False
        if await pool.fetchval("SELECT 1 FROM notice WHERE state = 'sending' LIMIT 1") is None:
            is_last = True  # the answer may have been stored just now: one more look
        elif (pause_s := next(pauses_s, None)) is None:
            return False
        else:
            await asyncio.sleep(pause_s)


async def sent_this_month(
    pool: asyncpg.Pool, member_id: int, kind: str, channel: Channel, today: date, zone: ZoneInfo
) -> int:
    """How many notices of a kind went or may have gone to the member by `channel` in the business month of `today`."""
    first = today.replace(day=1)
    starts, ends = day_start(first, zone), day_start(add_months(first, 1), zone)
    return int(await pool.fetchval(_SENT_BETWEEN, member_id, kind, channel, starts, ends))
