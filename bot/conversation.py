"""From a push to its answer: whatever happens, either an answer, or `ServiceAway` so that the platform asks again."""

from datetime import datetime

import structlog
from tortoise.exceptions import DBConnectionError

from bot.answers import APOLOGY, NOT_OPEN, Answer
from bot.chat import Chat, open_chat, written_at
from bot.router import handler_of, note_of, trigger_of
from loyalty.engine.transactions import EngineUnavailable, is_transient
from loyalty.programme.live import NoRulesPublished
from runtime.resources import Resources
from wechat.messages import Push
from wechat.opening import AccountKind

log = structlog.get_logger(__name__)


class ServiceAway(Exception):
    """The database is away: nothing can be said, and the same push may be handled again."""


async def answer(resources: Resources, account: AccountKind, push: Push, now: datetime) -> Answer | None:
    """What to answer; None when there is nothing to say.

    Safe to repeat: commands carry the message's key, and a window opens as of the instant it was written. Raises ServiceAway.
    """
    try:
        return await _answer(resources, account, push, now)
    except NoRulesPublished:
        return NOT_OPEN
    except Exception as error:
        if is_away(error):
            log.warning("chat_service_away", error=type(error).__name__)
            raise ServiceAway from error
        log.exception("chat_handler_failed", kind=push.kind, chat_event=push.event)
        return APOLOGY


def is_away(error: Exception) -> bool:
    """Whether an error tells of the database's absence, not of a mistake."""
    return isinstance(error, EngineUnavailable | DBConnectionError) or is_transient(error)


async def _answer(resources: Resources, account: AccountKind, push: Push, now: datetime) -> Answer | None:
    note = note_of(push, account)
    if note is not None:
        await note(resources, push, now)
        return None
    trigger = trigger_of(push, account)
    if trigger is None or await _is_the_mini_programs(resources, push):
        return None
    handler, argument = handler_of(push)
    window = resources.windows.open(
        push.openid, trigger, min(written_at(push), now)
    )  # opens while the handler runs
    chat = await open_chat(resources, push, argument, now, returning=push.event == "subscribe")
    try:
        return await handler(chat)
    finally:
        await window
        await _note_visit(chat)


async def _note_visit(chat: Chat) -> None:
    """Record the visit even when the handler failed, and make the notices that waited for one due.

    After the handler, because a command of the member's has mostly written the visit and nothing is left to write; after the
    window has opened, because a notice that becomes due looks for an open one.
    """
    await chat.resources.directory.note_visit(chat.member_id, chat.now, skip_if_known_today=False)


async def _is_the_mini_programs(resources: Resources, push: Push) -> bool:
    """Whether a push that passed for the official account's comes from someone known by that openid in the mini-program.

    Only an encrypted push proves its account, and only in safe mode is every push encrypted. Both accounts share the webhook,
    where a customer-service message to the mini-program must not make its sender a second member.
    """
    if resources.settings.oa_message_mode == "safe":
        return False
    return await resources.directory.member_of(resources.mini_program.app_id, push.openid) is not None
