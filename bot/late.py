"""Answers that took too long for the webhook and follow as customer-service messages.

    due → sending → sent | unknown (never repeated) | failed        or suppressed: nothing to say any more

The row holds the push, not the answer: after a crash the push is handled again and its receipt answers the same. Only
who moves a row from due to sending may send, so two processes never do. Closed rows forget the push.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
import structlog

from base import gauges
from bot.answers import Answer
from bot.conversation import ServiceAway, answer, is_away
from bot.router import AccountKind, trigger_of
from models.together import Together
from runtime.resources import Resources
from wechat.errors import ApiError, OutcomeUnknown, RateLimited, TokenRejected, Transient
from wechat.messages import Push, parse_push

LEASE: Final = timedelta(seconds=30)
RETRY_AFTER: Final = timedelta(seconds=5)
MAX_ATTEMPTS: Final = 5
CLAIMED_AT_ONCE: Final = 20
POLL_S: Final = 2.0
WORTH_SAYING: Final = {"message": timedelta(hours=1), "click": timedelta(minutes=1)}
"""How long an answer still makes sense; after a follow, scan or tap no message may be sent beyond one minute
(WeChat docs: 客服消息, 下发条件说明)."""

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
WHERE state = 'due' AND due_at <= $1 AND message_key IN (
    SELECT message_key FROM late_reply WHERE state = 'due' AND due_at <= $1 ORDER BY due_at LIMIT $3
)
RETURNING message_key, push::text AS push, received_at, attempts
"""
START_SENDING: Final = """
UPDATE late_reply SET state = 'sending', due_at = $2 WHERE message_key = $1 AND state = 'due' RETURNING attempts
"""
ABANDONED_SENDS: Final = """
UPDATE late_reply SET state = 'unknown', reason = 'stopped_while_sending', push = '{}'
WHERE state = 'sending' AND due_at <= $1 RETURNING 1
"""
SETTLE: Final = """
UPDATE late_reply SET state = $2, reason = $3, push = '{}' WHERE message_key = $1 AND state = 'sending'
"""
TRY_LATER: Final = """
UPDATE late_reply SET state = 'due', reason = $3, due_at = $2 WHERE message_key = $1 AND state = 'sending'
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Promise:
    """A push that was answered `success` and is owed its answer."""

    account: AccountKind
    push: Push
    received_at: datetime


async def promise(resources: Resources, owed: Promise) -> None:
    """Store the row. Once it is there the answer will follow, whatever dies. Raises what the database raises."""
    due_at = resources.clock.now() + LEASE
    await resources.pool.execute(STORE_ROW, owed.push.message_key, _stored(owed), owed.received_at, due_at)
    gauges.late_replies("promised")


class AnsweredElsewhere(Exception):
    """This try of a push has nothing to say itself: the answer is promised, and whoever keeps the promise sends it."""


class Promises:
    """Which pushes are answered by a customer-service message; asked for many pushes at once."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._kept = Together(self._find)

    async def include(self, push: Push) -> bool:
        """Whether this push's answer is on its way, or was. Raises what the database raises."""
        return await self._kept.ask(push.message_key)

    async def _find(self, message_keys: Sequence[str]) -> list[bool]:
        rows = await self._pool.fetch(PROMISED, list(message_keys))
        promised = {row["message_key"] for row in rows}
        return [key in promised for key in message_keys]


async def finish(resources: Resources, owed: Promise, handling: "asyncio.Task[Answer | None]") -> None:
    """Send what the running handler comes to. If that cannot be, the row is left to `settle_due`.

    A try that was slow to find out that an earlier one promised the answer must not close the row as if there were none.
    """
    try:
        await deliver(resources, owed, await handling)
    except (ServiceAway, AnsweredElsewhere) as error:
        log.warning("late_reply_left_for_later", error=type(error).__name__)
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("late_reply_left_for_later", error=type(error).__name__)


async def deliver(resources: Resources, owed: Promise, said: Answer | None) -> None:
    """Send the answer, unless another process has begun to; the row then tells what came of it."""
    key, now = owed.push.message_key, resources.clock.now()
    attempts = await resources.pool.fetchval(START_SENDING, key, now + LEASE)
    if attempts is None:
        return
    if said is None or _is_too_late(owed, now):
        await _settle(resources, key, "suppressed", "nothing_to_say" if said is None else "too_late")
        return
    # The platform decides whether it may be sent; our own count is only kept in step.
    await resources.windows.take(owed.push.openid, now)
    try:
        await resources.official_account.send_custom_text(owed.push.openid, said.text)
    except ApiError as error:
        await _settle_failure(resources, key, error, attempts)
    else:
        await _settle(resources, key, "sent", None)


async def settle_due(resources: Resources) -> int:
    """Answer what a crash or an absence left behind; how many rows were taken up."""
    now = resources.clock.now()
    abandoned = await resources.pool.fetch(ABANDONED_SENDS, now)
    gauges.late_replies("unknown", len(abandoned))
    rows = await resources.pool.fetch(CLAIM_DUE, now, now + LEASE, CLAIMED_AT_ONCE)
    for row in rows:
        if row["attempts"] > MAX_ATTEMPTS:
            await _give_up(resources, row["message_key"])
        else:
            owed = _restored(row["push"], row["received_at"])
            said = await answer(resources, owed.account, owed.push, owed.received_at)
            await deliver(resources, owed, said)
    return len(rows)


async def keep_settling(resources: Resources) -> None:
    """Look after due rows until cancelled; an absent database is waited for."""
    while True:
        try:
            await settle_due(resources)
        except ServiceAway:
            log.warning("late_replies_wait")
        except Exception as error:  # the loop outlives every single failure, which is logged
            if is_away(error):
                log.warning("late_replies_wait", error=type(error).__name__)
            else:
                log.exception("late_replies_failed")
        await asyncio.sleep(POLL_S)


async def _settle_failure(resources: Resources, key: str, error: ApiError, attempts: int) -> None:
    reason = f"errcode_{error.errcode}" if error.errcode else type(error).__name__
    log.warning("late_reply_not_sent", api=error.api, reason=reason)
    is_passing = isinstance(error, Transient | TokenRejected | RateLimited)
    if is_passing and attempts < MAX_ATTEMPTS:
        due_at = resources.clock.now() + RETRY_AFTER * attempts
        await resources.pool.execute(TRY_LATER, key, due_at, reason)
        return
    state = "unknown" if isinstance(error, OutcomeUnknown) else "failed"
    await _settle(resources, key, state, reason)


async def _settle(resources: Resources, key: str, state: str, reason: str | None) -> None:
    await resources.pool.execute(SETTLE, key, state, reason)
    gauges.late_replies(state)


async def _give_up(resources: Resources, key: str) -> None:
    await resources.pool.execute(
        "UPDATE late_reply SET state = 'failed', reason = 'gave_up', push = '{}'"
        " WHERE message_key = $1 AND state = 'due'",
        key,
    )
    gauges.late_replies("failed")


def _is_too_late(owed: Promise, now: datetime) -> bool:
    kind = "message" if trigger_of(owed.push, owed.account) == "message" else "click"
    return now - owed.received_at > WORTH_SAYING[kind]


def _stored(owed: Promise) -> str:
    push = owed.push
    return json.dumps({"account": owed.account, "format": push.format, "fields": _plain(push.fields)})


def _restored(stored: str, received_at: datetime) -> Promise:
    kept: dict[str, Any] = json.loads(stored)
    return Promise(kept["account"], parse_push(kept["fields"], kept["format"]), received_at)


def _plain(value: Any) -> Any:
    """Fields come as a read-only mapping, which JSON does not know."""
    return dict(value)
