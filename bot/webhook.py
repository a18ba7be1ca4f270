"""The webhook and its clock: an answer within 3.5 seconds, or a promise of one, or silence so that the platform asks again.

The platform waits five seconds a try and makes three tries (WeChat docs: 消息推送). Handlers run in tasks of their own: a request
that goes away does not stop them. When more comes than can be carried out, newcomers are told at once to come again, before
anything is begun: an answer in time for everybody, at the cost of some having to repeat themselves.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

import structlog
from aiohttp import web

from base import gauges
from bot import late
from bot.answers import BUSY, Answer
from bot.chat import written_at
from bot.conversation import ServiceAway, answer, is_away
from bot.desk import Desk
from bot.doorway import Doorway, Opened, read_body
from bot.late import AnsweredElsewhere, Promise, Promises
from bot.router import trigger_of
from runtime.resources import RESOURCES, Resources
from wechat.codec import SUCCESS
from wechat.errors import PushError, PushTooLarge
from wechat.messages import Push
from wechat.replies import news_reply, text_reply

ANSWER_WITHIN_S: Final = 3.5
PROMISE_WITHIN_S: Final = 0.8
TRY_LASTS_S: Final = 5.2
REPEATS_COME_AFTER: Final = timedelta(seconds=2)

log = structlog.get_logger(__name__)


DESK: Final = web.AppKey("bot_desk", Desk)


async def open_desk(app: web.Application) -> AsyncIterator[None]:
    """Open the webhook's lock and look after late replies while the application runs."""
    resources = app[RESOURCES]
    doorway = Doorway(resources.settings, resources.official_account.app_id, resources.mini_program.app_id)
    desk = app[DESK] = Desk(doorway, Promises(resources.pool))
    settling = asyncio.create_task(late.keep_settling(resources))
    yield
    settling.cancel()
    await asyncio.gather(settling, return_exceptions=True)
    await desk.close()


async def verify(request: web.Request) -> web.StreamResponse:
    """Answer the platform's question whether this address is ours."""
    try:
        echo = request.app[DESK].doorway.verify_url(request.query)
    except PushError as error:
        return _refused(error)
    return web.Response(text=echo, headers={"X-Content-Type-Options": "nosniff"})


async def receive(request: web.Request) -> web.StreamResponse:
    """Take one push and answer it."""
    arrived = _loop_time()
    desk, resources = request.app[DESK], request.app[RESOURCES]
    now = resources.clock.now()  # before the wait, which is no age of the message's
    waited_s = await desk.enter()
    if request.transport is None or request.transport.is_closing():
        # Nothing is begun for whom nobody can hear, the platform asks again; only the metrics see the 499 (of nginx).
        return web.Response(status=499)
    try:
        opened = desk.doorway.open(request.query, await read_body(request), now)
    except PushError as error:
        return _refused(error)
    if desk.is_behind(waited_s) and _may_be_put_off(desk, opened, now):
        gauges.put_off()
        return _reply(opened, BUSY, now)
    handling = desk.start_handling(_handle(desk, resources, opened, now), opened.push.message_key)
    await asyncio.wait({handling}, timeout=arrived + ANSWER_WITHIN_S - _loop_time())
    if not handling.done() and await _promised(desk, resources, opened, now, handling):
        return web.Response(text=SUCCESS)
    if not handling.done():
        return await _let_time_out(request, arrived)
    try:
        return _reply(opened, handling.result(), now)
    except AnsweredElsewhere:
        return web.Response(text=SUCCESS)
    except ServiceAway:
        return await _let_time_out(request, arrived)


def _may_be_put_off(desk: Desk, opened: Opened, now: datetime) -> bool:
    """Whether to ask the member to say it again later: their own words, and no repeat of what is being carried out."""
    push = opened.push
    own_words = trigger_of(push, opened.account) in ("message", "click")
    is_new = now - written_at(push) < REPEATS_COME_AFTER and not desk.has_in_hand(push.message_key)
    return own_words and is_new


async def _handle(desk: Desk, resources: Resources, opened: Opened, now: datetime) -> Answer | None:
    push = opened.push
    if await _is_answered_elsewhere(desk, push, now):
        raise AnsweredElsewhere
    return await answer(resources, opened.account, push, now)


async def _is_answered_elsewhere(desk: Desk, push: Push, now: datetime) -> bool:
    """Whether this is a repeat of a push whose answer is promised; only what is seconds old can be one."""
    if now - written_at(push) < REPEATS_COME_AFTER:
        return False
    try:
        return await desk.promises.include(push)
    except Exception as error:
        if is_away(error):
            raise ServiceAway from error
        raise


async def _promised(
    desk: Desk, resources: Resources, opened: Opened, now: datetime, handling: "asyncio.Task[Answer | None]"
) -> bool:
    """Store the promise of a late answer and see to it; False when it could not be stored in time."""
    owed = Promise(opened.account, opened.push, now)
    try:
        async with asyncio.timeout(PROMISE_WITHIN_S):
            await late.promise(resources, owed)
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("late_reply_not_stored", error=type(error).__name__)
        return False
    desk.start(late.finish(resources, owed, handling))
    return True


def _reply(opened: Opened, said: Answer | None, now: datetime) -> web.Response:
    push = opened.push
    if said is None:
        return web.Response(text=SUCCESS)
    reply = news_reply(push, said.article, now) if said.article else text_reply(push, said.text, now)
    is_json = opened.opened.format == "json"
    return web.Response(
        text=opened.seal(reply, now), content_type="application/json" if is_json else "application/xml"
    )


def _refused(error: PushError) -> web.Response:
    """One answer for all that is wrong, so that nothing can be probed; the log knows the reason."""
    log.warning("push_refused", error=type(error).__name__, reason=error.reason)
    status = 413 if isinstance(error, PushTooLarge) else 403
    return web.Response(status=status, text="refused", headers={"X-Content-Type-Options": "nosniff"})


async def _let_time_out(request: web.Request, arrived: float) -> web.Response:
    """Say nothing until the platform has given this try up."""
    await asyncio.sleep(max(0.0, arrived + TRY_LASTS_S - _loop_time()))
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
