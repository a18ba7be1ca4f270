"""Sends late replies: when the handler is done, or from the stored row after a crash or an outage."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.answers import Answer
from bot.conversation import DatabaseUnavailable, answer, is_outage
from bot.late_reply import promises
from bot.late_reply.promises import AnswerPromised, Claimed, Promise
from bot.router import trigger_of
from runtime.resources import Resources
from wechat.errors import (
    ApiError,
    Misconfigured,
    OutcomeUnknown,
    RateLimited,
    TokenRejected,
    Transient,
    retry_after_s,
)

RETRY_AFTER: Final = timedelta(seconds=5)
MAX_ATTEMPTS: Final = 5
PASSING: Final = (Transient, TokenRejected, RateLimited, Misconfigured)
"""Errors after which the same message may still be sent; a fault of the set-up may be mended within the hour."""
POLL_S: Final = 2.0
USEFUL_FOR: Final = {"message": timedelta(hours=1), "click": timedelta(minutes=1)}
"""How long after its message a late reply may still be sent; WeChat allows one minute after a follow, scan or menu tap
(WeChat docs: 客服消息, 下发条件说明)."""

log = structlog.get_logger(__name__)


async def send_result(resources: Resources, owed: Promise, handling: "asyncio.Task[Answer | None]") -> None:
    """Send what the running handler answers. After an outage the row is left to `send_due`.

    The handler of a retry raises AnswerPromised when it finds the promise of an earlier try. The row is then left to that try.
    """
    try:
        await send(resources, owed, await handling)
    except Exception as error:
        if not (isinstance(error, DatabaseUnavailable | AnswerPromised) or is_outage(error)):
            raise
        log.warning("late_reply_deferred", error=type(error).__name__)


async def send(resources: Resources, owed: Promise, said: Answer | None) -> None:
    """Send the answer unless another process is sending it, and store the result in the row."""
    key, now = owed.push.message_key, resources.clock.now()
    attempts = await promises.start_sending(resources, key, now)
    if attempts is None:
        return
    if said is None or _is_too_late(owed, now):
        reason = "nothing_to_say" if said is None else "too_late"
        await promises.close(resources, key, "suppressed", reason)
        return
    # WeChat decides whether the message may be sent; we only count it in our own window.
    await resources.windows.take(owed.push.openid, now)
    try:
        await resources.official_account.send_custom_text(owed.push.openid, said.text)
    except ApiError as error:
        await _record_failure(resources, key, error, attempts)
    else:
        await promises.close(resources, key, "sent", None)


async def send_due(resources: Resources) -> int:
    """Send the late replies that a crash or an outage left behind; returns how many were claimed.

    Each row is claimed just before it is handled, so that the attempts of a row count its own handling only. A row whose handling
    meets an outage is due again after RETRY_AFTER, and those behind it do not wait for it. Raises what the database raises.
    """
    await promises.close_abandoned(resources, resources.clock.now())
    claimed = 0
    while row := await promises.claim_due(resources, resources.clock.now()):
        claimed += 1
        try:
            await _handle_again(resources, row)
        except DatabaseUnavailable:
            await promises.give_back(resources, row, resources.clock.now() + RETRY_AFTER)
    return claimed


async def keep_sending(resources: Resources) -> None:
    """Send due late replies until cancelled; while the database is unavailable, try again every POLL_S."""
    while True:
        try:
            await send_due(resources)
        except Exception as error:  # a failure is logged and must not end the loop
            if isinstance(error, DatabaseUnavailable) or is_outage(error):
                log.warning("late_replies_paused", error=type(error).__name__)
            else:
                log.exception("late_replies_failed")
        await asyncio.sleep(POLL_S)


async def _handle_again(resources: Resources, row: Claimed) -> None:
    if row.attempts > MAX_ATTEMPTS:
        await promises.give_up(resources, row.message_key)
        return
    owed = row.promise()
    said = await answer(resources, owed.account, owed.push, owed.received_at)
    await send(resources, owed, said)


async def _record_failure(resources: Resources, key: str, error: ApiError, attempts: int) -> None:
    reason = f"errcode_{error.errcode}" if error.errcode else type(error).__name__
    log.warning("late_reply_not_sent", api=error.api, reason=reason)
    if isinstance(error, PASSING) and attempts < MAX_ATTEMPTS:
        now = resources.clock.now()
        wait = timedelta(seconds=retry_after_s(error, now))
        await promises.try_later(resources, key, now + max(wait, RETRY_AFTER * attempts), reason)
        return
    state = "unknown" if isinstance(error, OutcomeUnknown) else "failed"
    await promises.close(resources, key, state, reason)


def _is_too_late(owed: Promise, now: datetime) -> bool:
    kind = "message" if trigger_of(owed.push, owed.account) == "message" else "click"
    return now - owed.received_at > USEFUL_FOR[kind]
