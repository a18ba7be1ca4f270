"""The deliveries of webhooks: a row for each change and webhook, claimed under a lease, sent, and tried again for a day.

    due ──claim──▶ due, leased ──▶ delivered      any 2xx
     ▲                 │           dead           refused in all attempts; `replay` makes it due again
     └──── failed ─────┘

A delivery may arrive twice: after a timeout nobody knows whether the partner has it. Its `webhook-id` is the change's id both
times.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import orjson

from channels.webhooks.endpoints import Webhook
from loyalty.changes import change_json, changes
from loyalty.engine.transactions import retried

LEASE: Final = timedelta(seconds=60)
KEPT_FOR: Final = timedelta(days=30)
"""How long a delivery is kept after it was made."""
PAGE: Final = 200
PAUSES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200)
)
"""The pauses after the first attempt, the second and so on, each up to a fifth longer; after 27 hours the delivery is dead."""
_JITTER: Final = 0.2
_DICE: Final = secrets.SystemRandom()

HAND_OVER: Final = """
INSERT INTO webhook_delivery (webhook_id, change_id, type, content, state, attempts, created_at, due_at)
SELECT $1, u.change_id, u.type, u.content, 'due', 0, $5, $5
FROM unnest($2::text[], $3::text[], $4::text[]) AS u(change_id, type, content)
ON CONFLICT (webhook_id, change_id) DO NOTHING
"""
ADVANCE: Final = """
UPDATE webhook SET sent_at = $2, sent_member = $3, sent_no = $4
WHERE id = $1 AND (sent_at, sent_member, sent_no) < ($2, $3, $4)
"""
DUE: Final = """
SELECT d.webhook_id, d.change_id FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
WHERE d.state = 'due' AND d.due_at <= $1 AND w.removed_at IS NULL AND w.stopped_at IS NULL
    AND EXISTS (SELECT FROM partner_key k WHERE k.id = w.key_id AND k.revoked_at IS NULL)
ORDER BY d.due_at, d.webhook_id, d.change_id LIMIT $2
"""
CLAIM: Final = """
UPDATE webhook_delivery d SET due_at = $4, attempts = d.attempts + 1
FROM webhook w
WHERE d.webhook_id = $1 AND d.change_id = $2 AND d.state = 'due' AND d.due_at <= $3 AND w.id = d.webhook_id
RETURNING w.url, d.content, d.attempts
"""
SETTLE: Final = """
UPDATE webhook_delivery SET state = $4, due_at = $5, last_status = $6, last_error = $7
WHERE webhook_id = $1 AND change_id = $2 AND state = 'due' AND attempts = $3
"""
REPLAY: Final = """
UPDATE webhook_delivery SET state = 'due', attempts = 0, due_at = $3
WHERE webhook_id = $1 AND state IN ('dead', 'delivered')
    AND (change_id = ANY($2::text[]) OR ($2::text[] IS NULL AND state = 'dead'))
    AND EXISTS (SELECT FROM webhook w WHERE w.id = $1 AND w.removed_at IS NULL)
"""
FORGET: Final = """
DELETE FROM webhook_delivery WHERE (webhook_id, change_id) IN (
    SELECT webhook_id, change_id FROM webhook_delivery WHERE state = 'delivered' AND created_at < $1 LIMIT $2
)
"""
LIST: Final = """
SELECT change_id, type, state, attempts, created_at, due_at, last_status, last_error FROM webhook_delivery
WHERE webhook_id = $1 ORDER BY created_at DESC, change_id DESC LIMIT $2
"""


@dataclass(frozen=True)
class Delivery:
    """A delivery that this process may send until its lease ends; `attempts` includes this one."""

    webhook_id: str
    change_id: str
    url: str
    content: str = field(repr=False)
    attempts: int


@dataclass(frozen=True)
class DeliveryView:
    """A delivery as partners see it. `due_at` is when it is sent next, or when it came into its state."""

    id: str
    type: str
    state: str
    attempts: int
    created_at: datetime
    due_at: datetime
    last_status: int | None
    last_error: str | None


async def hand_over(pool: asyncpg.Pool, webhook: Webhook, now: datetime) -> int:
    """Write a delivery for each of the next changes of the feed; how many. Safe to repeat and to run twice at once."""
    found = await changes(pool, webhook.sent, now, limit=PAGE, store=webhook.store)
    if not found:
        return 0
    contents = [orjson.dumps(change_json(one)).decode() for one in found]
    rows = webhook.id, [one.id for one in found], [one.type for one in found], contents, now

    async def write(connection: asyncpg.Connection) -> None:
        await connection.execute(HAND_OVER, *rows)
        await connection.execute(ADVANCE, webhook.id, *found[-1].position)

    await retried(pool, write)
    return len(found)


async def due(pool: asyncpg.Pool, now: datetime, limit: int) -> list[tuple[str, str]]:
    """The keys of deliveries that are due, as (webhook, change), the longest waiting first."""
    return [(row["webhook_id"], row["change_id"]) for row in await pool.fetch(DUE, now, limit)]


async def claim(pool: asyncpg.Pool, webhook_id: str, change_id: str, now: datetime) -> Delivery | None:
    """The delivery, if nobody else has it."""
    row = await pool.fetchrow(CLAIM, webhook_id, change_id, now, now + LEASE)
    return None if row is None else Delivery(webhook_id, change_id, *row)


async def settle_delivered(pool: asyncpg.Pool, one: Delivery, status: int, now: datetime) -> None:
    """The partner has it."""
    await pool.execute(SETTLE, one.webhook_id, one.change_id, one.attempts, "delivered", now, status, None)


async def settle_failed(
    pool: asyncpg.Pool, one: Delivery, status: int | None, error: str, now: datetime
) -> bool:
    """Try again later, or never: whether it is dead now."""
    dead = one.attempts > len(PAUSES)
    pause = timedelta(0) if dead else PAUSES[one.attempts - 1] * (1 + _JITTER * _DICE.random())
    state = "dead" if dead else "due"
    await pool.execute(SETTLE, one.webhook_id, one.change_id, one.attempts, state, now + pause, status, error)
    return dead


async def replay(
    pool: asyncpg.Pool | asyncpg.Connection, webhook_id: str, change_ids: Sequence[str] | None, now: datetime
) -> int:
    """Make deliveries due again: those named, also if they were delivered; with None all that are dead. How many.

    None are where the webhook is removed, because nothing is sent there any more.
    """
    done: str = await pool.execute(REPLAY, webhook_id, change_ids, now)
    return int(done.split()[-1])


async def forget(pool: asyncpg.Pool, now: datetime) -> None:
    """Delete a page of deliveries that were made long ago."""
    await pool.execute(FORGET, now - KEPT_FOR, PAGE)


async def deliveries(pool: asyncpg.Pool, webhook_id: str, limit: int) -> list[DeliveryView]:
    """The latest deliveries of a webhook, newest first."""
    return [DeliveryView(*row) for row in await pool.fetch(LIST, webhook_id, limit)]
