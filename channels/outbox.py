"""The outbox: rows of table notice, claimed under a lease and marked before and after every send.

    due ──claim──▶ sending ──settle──▶ sent ──close──▶ delivered | failed
     ▲                │                waiting (a visit, or the end of a fault, makes it due again; without one it is suppressed)
     └── not sent ────┘                suppressed · failed (an operator may make it due again) · unknown

A worker claims one row at a time, just before it sends it, so a crash leaves at most one row per concurrent send in doubt.
`begin` writes `channel` before the send. A lease that ends while `channel` is empty means that nothing was sent: the row
is claimed again. One that ends with a `channel` may have been sent: the row becomes `unknown` and is never sent again.

`due_at` depends on the state. `due`: when to send. `sending`: when the lease ends; `begin` and `settle` name that instant
to prove that they still hold the row. `waiting`: when the wait ends. Every other state: when the row came into it.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
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
HELD: Final = "wechat_fault"
"""The reason of a notice that waits, untried, for a fault of the set-up."""
_RACE_PAUSES_S: Final = (0.1, 0.3, 0.6)

_ROW: Final = "member_id = $1 AND kind = $2 AND key = $3"
_DUE: Final = """
SELECT member_id, kind, key FROM notice WHERE state IN ('due', 'sending') AND due_at <= $1
ORDER BY due_at, member_id, kind, key LIMIT $2
"""
_CLAIM: Final = f"""
UPDATE notice SET state = 'sending', due_at = $5, channel = NULL, sent_at = NULL, attempts = attempts + 1,
    fault = NULL
WHERE {_ROW} AND due_at <= $4 AND (state = 'due' OR (state = 'sending' AND channel IS NULL))
RETURNING payload, attempts, created_at, reason
"""  # noqa: S608 - a constant of this file
_LOSE: Final = f"""
UPDATE notice SET state = 'unknown', reason = 'lease_over'
WHERE {_ROW} AND due_at <= $4 AND state = 'sending' AND channel IS NOT NULL RETURNING channel
"""  # noqa: S608 - a constant of this file
_BEGIN: Final = f"""
UPDATE notice SET channel = $5, sent_at = $6 WHERE {_ROW} AND due_at = $4 AND state = 'sending' RETURNING 1
"""  # noqa: S608 - a constant of this file
_SETTLE: Final = f"""
UPDATE notice SET state = $5, reason = $6, channel = $7, message_id = $8, due_at = $9, attempts = $10, fault = $11,
    sent_at = CASE WHEN $7::text IS NULL THEN NULL ELSE sent_at END
WHERE {_ROW} AND due_at = $4 AND state IN ('sending', 'unknown') RETURNING 1
"""  # noqa: S608 - a constant of this file
_PERMIT: Final = """
UPDATE notice n SET state = 'due', reason = 'visit', due_at = $3 FROM (
    SELECT member_id, kind, key FROM notice WHERE member_id = $1 AND kind = ANY($2::text[]) AND (state = 'waiting') IS TRUE
    ORDER BY due_at, kind, key LIMIT 1
) AS first
WHERE n.member_id = first.member_id AND n.member_id = $1 AND n.kind = first.kind AND n.key = first.key AND n.state = 'waiting'
"""
_HELD: Final = """
SELECT member_id, kind, key FROM notice WHERE fault = $1 AND state = 'waiting' AND kind = ANY($2::text[])
ORDER BY reason <> $4, due_at, member_id, kind, key LIMIT $3
"""
_HOLDS_ANY: Final = "SELECT 1 FROM notice WHERE fault = $1 AND state = 'waiting' LIMIT 1"
_WAKE: Final = f"""
UPDATE notice SET state = 'due', due_at = $4 WHERE {_ROW} AND state = 'waiting' AND fault IS NOT NULL RETURNING 1
"""  # noqa: S608 - a constant of this file
_TRY_AGAIN: Final = f"""
UPDATE notice SET state = 'due', due_at = $4, attempts = 0, reason = 'by_operator', channel = NULL, message_id = NULL,
    sent_at = NULL
WHERE {_ROW} AND state = 'failed' RETURNING 1
"""  # noqa: S608 - a constant of this file
_RELEASE: Final = """
UPDATE notice SET state = 'due', due_at = $2, fault = NULL
WHERE state = 'waiting' AND fault = $1 AND (member_id, kind, key) IN (
    SELECT member_id, kind, key FROM notice WHERE state = 'waiting' AND fault = $1 LIMIT $3
)
RETURNING 1
"""
_END_WAITING: Final = """
UPDATE notice SET state = 'suppressed', reason = 'waited_too_long', fault = NULL
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
    """This process's lease of the notice ended and the row has changed: it must neither send nor settle it."""


class NoticeKey(NamedTuple):
    """The primary key of a notice."""

    member_id: int
    kind: str
    key: str


@dataclass(frozen=True)
class Claimed:
    """A notice that this process may send until `lease`. `attempts` includes this one; `created_at` is when it was written.

    `reason` is that of the attempt before this one, or "visit" where a visit of the member has made the notice due.
    """

    id: NoticeKey
    payload: Mapping[str, Any] = field(repr=False)
    attempts: int
    lease: datetime
    created_at: datetime
    reason: str | None = None


@dataclass(frozen=True)
class Verdict:
    """The outcome of a claimed notice.

    `due_at` is when to try again (state `due`) or when the wait ends (`waiting`). `counts` is False for an attempt that
    failed for a reason beyond this notice. `fault` is the fault of the set-up that a waiting notice waits for (see `faults`).
    """

    state: State
    reason: str | None = None
    channel: Channel | None = None
    message_id: str | None = None
    due_at: datetime | None = None
    counts: bool = True
    fault: str | None = None


async def due(pool: asyncpg.Pool, now: datetime, limit: int) -> list[NoticeKey]:
    """Notices due at `now`, those with an ended lease included; the longest due first."""
    return [NoticeKey(*row) for row in await pool.fetch(_DUE, now, limit)]


async def claim(pool: asyncpg.Pool, notice: NoticeKey, now: datetime) -> Claimed | None:
    """Take a lease of the notice for one attempt; None when another worker has it or it is not due."""
    lease = now + LEASE
    row = await pool.fetchrow(_CLAIM, *notice, now, lease)
    if row is None:
        return None
    return Claimed(
        notice, json.loads(row["payload"]), row["attempts"], lease, row["created_at"], row["reason"]
    )


async def give_up_lost(pool: asyncpg.Pool, notice: NoticeKey, now: datetime) -> bool:
    """Mark the notice `unknown` if its lease ended after a send had begun; True if so."""
    channel = await pool.fetchval(_LOSE, *notice, now)
    if channel is not None:
        gauges.notice(notice.kind, "unknown", channel)
    return channel is not None


async def begin(pool: asyncpg.Pool, notice: Claimed, channel: Channel, now: datetime) -> None:
    """Record that a send by `channel` begins. Raises LeaseLost: then nothing may be sent."""
    if await pool.fetchval(_BEGIN, *notice.id, notice.lease, channel, now) is None:
        raise LeaseLost


async def settle(pool: asyncpg.Pool, notice: Claimed, verdict: Verdict, now: datetime) -> None:
    """Record what became of the notice, also when its lease has ended and the row was marked `unknown` meanwhile.

    Raises LeaseLost when another worker has claimed the notice since.
    """
    attempts = notice.attempts if verdict.counts else notice.attempts - 1
    mine = await pool.fetchval(
        _SETTLE, *notice.id, notice.lease, verdict.state, verdict.reason, verdict.channel,
        verdict.message_id, verdict.due_at or now, 0 if verdict.state == "waiting" else attempts, verdict.fault,
    )  # fmt: skip
    if mine is None:
        raise LeaseLost
    gauges.notice(notice.id.kind, verdict.state, verdict.channel)


async def permit(pool: asyncpg.Pool, member_id: int, kinds: Sequence[str], now: datetime) -> None:
    """Make the most urgent of the member's waiting notices of these kinds due, because they allowed one more message."""
    await pool.execute(_PERMIT, member_id, kinds, now)


async def held_by(pool: asyncpg.Pool, fault: str, kinds: Sequence[str], limit: int) -> list[NoticeKey]:
    """Notices of these kinds that wait for a fault to be mended; those first that were never tried, then the most urgent."""
    return [NoticeKey(*row) for row in await pool.fetch(_HELD, fault, kinds, limit, HELD)]


async def holds_any(pool: asyncpg.Pool, fault: str) -> bool:
    """Whether any notice waits for the fault to be mended."""
    return await pool.fetchval(_HOLDS_ANY, fault) is not None


async def wake(pool: asyncpg.Pool, notice: NoticeKey, now: datetime) -> bool:
    """Make one notice due that waits for a fault; False when it waits no more."""
    return await pool.fetchval(_WAKE, *notice, now) is not None


async def try_again(connection: asyncpg.Connection, notice: NoticeKey, now: datetime) -> bool:
    """Make a failed notice due again; False for one that is not failed. One with an unknown outcome is never sent again."""
    return await connection.fetchval(_TRY_AGAIN, *notice, now) is not None


async def release(pool: asyncpg.Pool, fault: str, now: datetime, limit: int) -> int:
    """Make notices due that waited for a fault which is mended, at most `limit`; returns how many."""
    return len(await pool.fetch(_RELEASE, fault, now, limit))


async def end_waiting(pool: asyncpg.Pool, now: datetime, limit: int) -> int:
    """Suppress notices whose wait for a visit is over at `now`, at most `limit`; returns how many."""
    return len(await pool.fetch(_END_WAITING, now, limit))


async def close(pool: asyncpg.Pool, channel: Channel, message_id: str, status: str, now: datetime) -> bool:
    """Record WeChat's event about a sent message: `success`, or why it did not arrive (WeChat docs: 模板消息 · 事件推送).

    Message ids are unique per channel only. The event can arrive before the answer to the send has stored the message id, so
    while any row is being sent we look for it again, for a second at most. False when no notice awaits this message id.
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
            is_last = True  # the send may have ended between the two queries: look once more
        elif (pause_s := next(pauses_s, None)) is None:
            return False
        else:
            await asyncio.sleep(pause_s)


async def sent_this_month(
    pool: asyncpg.Pool, member_id: int, kind: str, channel: Channel, today: date, zone: ZoneInfo
) -> int:
    """How many notices of a kind were or may have been sent to the member by `channel` in the business month of `today`."""
    first = today.replace(day=1)
    starts, ends = day_start(first, zone), day_start(add_months(first, 1), zone)
    return int(await pool.fetchval(_SENT_BETWEEN, member_id, kind, channel, starts, ends))
