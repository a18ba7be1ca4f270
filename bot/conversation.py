"""From a push to its answer: every error becomes an apology, except `DatabaseUnavailable`, after which WeChat retries."""

from dataclasses import replace
from datetime import datetime

import structlog
from tortoise.exceptions import DBConnectionError

from base.clock import ClockOff
from bot.answers import APOLOGY, NOT_OPEN, Answer
from bot.chat import Chat, open_chat, written_at
from bot.router import handler_of, note_of, trigger_of
from channels.windows import ALLOWANCES
from loyalty.engine.transactions import EngineUnavailable, is_transient
from loyalty.ledger.words import number
from loyalty.programme.in_force.live import NoRulesPublished
from runtime.resources import Resources
from wechat.messages import Push
from wechat.opening import AccountKind

log = structlog.get_logger(__name__)


class DatabaseUnavailable(Exception):
    """The database is unavailable: the webhook stays silent, WeChat retries, and the same push is handled again."""


async def answer(resources: Resources, account: AccountKind, push: Push, now: datetime) -> Answer | None:
    """The answer to a push; None when there is nothing to say. Raises DatabaseUnavailable.

    Handling a push twice is safe: commands carry the message's key, and a window opens as of the instant the message was written.
    """
    try:
        resources.clock.now()  # raises while the clock is off, when the points to show would be wrong, too
        return await _answer(resources, account, push, now)
    except NoRulesPublished:
        return NOT_OPEN
    except Exception as error:
        if is_outage(error):
            log.warning("chat_database_unavailable", error=type(error).__name__)
            raise DatabaseUnavailable from error
        log.exception("chat_handler_failed", kind=push.kind, chat_event=push.event)
        return APOLOGY


def with_gift(answer: Answer | None, points: int) -> Answer | None:
    """The answer to a newcomer's first message, which brought the gift; a picture has no room for it."""
    if answer is None or not points or answer.article is not None:
        return answer
    return replace(answer, text=f"{number(points)} 积分见面礼已到账！\n{answer.text}")


def is_outage(error: Exception) -> bool:
    """Whether an error comes from a database outage, or a clock that is off, rather than from a mistake of ours."""
    return isinstance(error, EngineUnavailable | DBConnectionError | ClockOff) or is_transient(error)


async def _answer(resources: Resources, account: AccountKind, push: Push, now: datetime) -> Answer | None:
    note = note_of(push, account)
    if note is not None:
        await note(resources, push, now)
        return None
    trigger = trigger_of(push, account)
    if trigger is None or await _is_from_mini_program(resources, push):
        return None
    handler, argument = handler_of(push)
    window = resources.windows.open(
        push.openid, trigger, min(written_at(push), now)
    )  # opens while the handler runs
    chat = await open_chat(resources, push, argument, now, returning=push.event == "subscribe")
    try:
        return with_gift(await handler(chat), chat.gift_points)
    finally:
        await window
        await _note_visit(chat, ALLOWANCES[trigger].messages)


async def _note_visit(chat: Chat, wakes: int) -> None:
    """Record the visit even when the handler failed, and make as many notices due as the window carries.

    This runs after the handler, because a command of the member's has usually written the visit, so that nothing is left to write.
    It runs after the window has opened, because a notice that becomes due is sent through an open window.
    """
    await chat.resources.directory.note_visit(
        chat.member_id, chat.now, skip_if_known_today=False, wakes=wakes
    )


async def _is_from_mini_program(resources: Resources, push: Push) -> bool:
    """Whether a push taken for the official account's comes from the mini-program, as its openid is known there.

    Both accounts share the webhook. Only an encrypted push proves its account, and in plain mode a push may be unencrypted.
    Without this check a customer-service message to the mini-program would enrol its sender as a second member.
    """
    if resources.settings.oa_message_mode != "plain":
        return False
    return await resources.directory.member_of(resources.mini_program.app_id, push.openid) is not None
