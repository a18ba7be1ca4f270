"""The promises of late replies: rows of `late_reply` and their states.

A row holds the push, not the answer: after a crash the push is handled again, and its receipt gives the same answer. Only the
process that moves a row from `due` to `sending` may send, so two processes never do. A row in a final state no longer holds the
push.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import asyncpg

from base import gauges
from models.together import Together
from runtime.resources import Resources
from wechat.messages import Push, parse_push
from wechat.opening import AccountKind

LEASE: Final = timedelta(seconds=30)

STORE_ROW: Final = """
INSERT INTO late_reply (message_key, push, received_at, due_at, attempts) VALUES ($1, $2, $3, $4, 1)
ON CONFLICT (message_key) DO NOTHING
"""
PROMISED: Final = """
SELECT message_key FROM late_reply
WHERE message_key = ANY($1::text[]) AND state IN ('due', 'sending', 'sent', 'unknown')
"""
CLAIM_DUE: Final = """
UPDATE late_reply SET due_at = $2, attempts = attempts + 1
WHERE state = 'due' AND due_at <= $1 AND message_key = (
    SELECT message_key FROM late_reply WHERE state = 'due' AND due_at <= $1 ORDER BY due_at LIMIT 1
)
RETURNING message_key, push::text AS push, received_at, attempts
"""
GIVE_BACK: Final = """
UPDATE late_reply SET due_at = $2, attempts = attempts - 1 WHERE message_key = $1 AND state = 'due' AND attempts = $3
"""
START_SENDING: Final = """
UPDATE late_reply SET state = 'sending', due_at = $2 WHERE message_key = $1 AND state = 'due' RETURNING attempts
"""
ABANDONED_SENDS: Final = """
UPDATE late_reply SET state = 'unknown', reason = 'stopped_while_sending', push = '{}'
WHERE state = 'sending' AND due_at <= $1 RETURNING 1
"""
CLOSE: Final = """
UPDATE late_reply SET state = $2, reason = $3, push = '{}' WHERE message_key = $1 AND state = 'sending'
"""
TRY_LATER: Final = """
UPDATE late_reply SET state = 'due', reason = $3, due_at = $2 WHERE message_key = $1 AND state = 'sending'
"""
GIVE_UP: Final = """
UPDATE late_reply SET state = 'failed', reason = 'gave_up', push = '{}' WHERE message_key = $1 AND state = 'due'
"""


@dataclass(frozen=True)
class Promise:
    """A push that the webhook answered with `success`, and whose real answer is still to be sent."""

    account: AccountKind
    push: Push
    received_at: datetime


class Claimed(NamedTuple):
    """A due row that this process has leased; `attempts` includes this one."""

    message_key: str
    stored_push: str
    received_at: datetime
    attempts: int

    def promise(self) -> Promise:
        """The promise that the row holds."""
        kept: dict[str, Any] = json.loads(self.stored_push)
        return Promise(kept["account"], parse_push(kept["fields"], kept["format"]), self.received_at)


class AnswerPromised(Exception):
    """An earlier try of this push was promised a late reply, so this try gets no answer of its own."""


class Promises:
    """Which pushes are promised a late reply; asked for many pushes at once."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._lookups = Together(self._find)

    async def include(self, push: Push) -> bool:
        """Whether this push's late reply is due, being sent or sent. Raises what the database raises."""
        return await self._lookups.ask(push.message_key)

    async def _find(self, message_keys: Sequence[str]) -> list[bool]:
        rows = await self._pool.fetch(PROMISED, list(message_keys))
        promised = {row["message_key"] for row in rows}
        return [key in promised for key in message_keys]


async def store(resources: Resources, owed: Promise) -> None:
    """Store the promise: from now on the answer is sent even if this process crashes. Raises what the database raises."""
    due_at = resources.clock.now() + LEASE
    await resources.pool.execute(STORE_ROW, owed.push.message_key, _stored(owed), owed.received_at, due_at)
    gauges.late_replies("promised")


async def close_abandoned(resources: Resources, now: datetime) -> None:
    """Move rows that a dead process left in `sending` to `unknown`."""
    abandoned = await resources.pool.fetch(ABANDONED_SENDS, now)
    gauges.late_replies("unknown", len(abandoned))


async def claim_due(resources: Resources, now: datetime) -> Claimed | None:
    """Lease the row that has been due longest to this process; None when no row is due."""
    row = await resources.pool.fetchrow(CLAIM_DUE, now, now + LEASE)
    return None if row is None else Claimed(*row)


async def give_back(resources: Resources, claimed: Claimed, due_at: datetime) -> None:
    """Make a claimed row due again at `due_at`, without counting the attempt: its handling met an outage."""
    await resources.pool.execute(GIVE_BACK, claimed.message_key, due_at, claimed.attempts)


async def start_sending(resources: Resources, message_key: str, now: datetime) -> int | None:
    """Claim the row for sending and return its attempts so far; None when another process is sending it or it is closed."""
    attempts: int | None = await resources.pool.fetchval(START_SENDING, message_key, now + LEASE)
    return attempts


async def try_later(resources: Resources, message_key: str, due_at: datetime, reason: str) -> None:
    """Make a row that was being sent due again at `due_at`."""
    await resources.pool.execute(TRY_LATER, message_key, due_at, reason)


async def close(resources: Resources, message_key: str, state: str, reason: str | None) -> None:
    """Move a row that was being sent to its final state: `sent`, `suppressed`, `unknown` or `failed`."""
    await resources.pool.execute(CLOSE, message_key, state, reason)
    gauges.late_replies(state)


async def give_up(resources: Resources, message_key: str) -> None:
    """Move a due row to `failed`, because its handling has crashed the process several times."""
    await resources.pool.execute(GIVE_UP, message_key)
    gauges.late_replies("failed")


def _stored(owed: Promise) -> str:
    push = owed.push
    return json.dumps({"account": owed.account, "format": push.format, "fields": dict(push.fields)})
