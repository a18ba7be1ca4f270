"""The webhook and its time limits: an answer within 3.5 seconds, or the promise of a late reply, or silence so that WeChat retries.

WeChat waits five seconds per try and makes three tries (WeChat docs: 消息推送). The webhook admits a request (bot/admission.py),
opens the push, and starts a task that handles it (bot/in_flight.py) and goes on when the connection breaks.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import structlog
from aiohttp import web

from base import gauges
from bot.admission import Admission
from bot.answers import BUSY, Answer
from bot.conversation import DatabaseUnavailable, answer, is_outage
from bot.in_flight import InFlight
from bot.late_reply import promises, sending
from bot.late_reply.promises import AnswerPromised, Promise
from runtime.resources import Resources
from web.bounded import BodyNotRead, BodyOverLimit, read_bounded
from wechat.body import MAX_BODY_BYTES
from wechat.codec import SUCCESS
from wechat.errors import PushError, PushMalformed, PushTooLarge
from wechat.messages import Push
from wechat.opening import Opened, PushOpener
from wechat.replies import hand_over_reply, news_reply, text_reply

BODY_TIMEOUT_S: Final = 2.0
ANSWER_TIMEOUT_S: Final = 3.5
PROMISE_TIMEOUT_S: Final = 0.8
WECHAT_GIVES_UP_AFTER_S: Final = 5.2

log = structlog.get_logger(__name__)

Handling: TypeAlias = "asyncio.Task[Answer | None]"


@dataclass(frozen=True)
class Reception:
    """The parts that receive the pushes of one process."""

    resources: Resources
    opener: PushOpener
    admission: Admission
    in_flight: InFlight


RECEPTION: Final = web.AppKey("bot_reception", Reception)


async def verify(request: web.Request) -> web.StreamResponse:
    """Answer WeChat's GET, which checks that this address is ours."""
    try:
        echo = request.app[RECEPTION].opener.verify_url(request.query)
    except PushError as error:
        return _refused(error)
    return web.Response(text=echo, headers={"X-Content-Type-Options": "nosniff"})


async def receive(request: web.Request) -> web.StreamResponse:
    """Take one push and answer it."""
    arrived_s = _loop_time()
    reception = request.app[RECEPTION]
    # Read the clock before queueing, so that our own queueing time does not make a message look like a WeChat retry.
    now = (
        reception.resources.clock.read_unchecked().now
    )  # where it is off, `answer` says so after the push has been proved
    waited_s = await reception.admission.enter()
    if request.transport is None or request.transport.is_closing():
        # The client has disconnected: start no work, WeChat will retry. Only the metrics see this status (nginx's 499).
        return web.Response(status=499)
    try:
        opened = reception.opener.open(request.query, await _read_body(request), now)
    except PushError as error:
        return _refused(error)
    if reception.admission.sheds(opened, waited_s, now):
        gauges.message_shed()
        return _reply(opened, BUSY, now)
    handling = reception.in_flight.start_handling(_handle(reception, opened, now), opened.push.message_key)
    return await _answer_in_time(request, arrived_s, opened, now, handling)


async def _read_body(request: web.Request) -> bytes:
    """The body, up to 64 KiB and within two seconds. Raises PushTooLarge, and PushMalformed for a slow or incomplete body."""
    try:
        return await read_bounded(request, MAX_BODY_BYTES, BODY_TIMEOUT_S)
    except BodyOverLimit as error:
        raise PushTooLarge(str(error)) from error
    except BodyNotRead as error:
        raise PushMalformed("the body did not come whole in time") from error


async def _handle(reception: Reception, opened: Opened, now: datetime) -> Answer | None:
    if await reception.in_flight.is_promised(opened.push, now):
        raise AnswerPromised
    return await answer(reception.resources, opened.account, opened.push, now)


async def _answer_in_time(
    request: web.Request, arrived_s: float, opened: Opened, now: datetime, handling: Handling
) -> web.StreamResponse:
    reception = request.app[RECEPTION]
    await asyncio.wait({handling}, timeout=arrived_s + ANSWER_TIMEOUT_S - _loop_time())
    if not handling.done() and await _promise(reception, opened, now, handling):
        return web.Response(text=SUCCESS)
    if not handling.done():
        return await _let_time_out(request, arrived_s)
    try:
        return _reply(opened, handling.result(), now)
    except AnswerPromised:
        return web.Response(text=SUCCESS)
    except DatabaseUnavailable:
        return await _let_time_out(request, arrived_s)


async def _promise(reception: Reception, opened: Opened, now: datetime, handling: Handling) -> bool:
    """Store the promise of a late reply and start a task that sends it; False when it could not be stored in time."""
    owed = Promise(opened.account, opened.push, now)
    try:
        async with asyncio.timeout(PROMISE_TIMEOUT_S):
            await promises.store(reception.resources, owed)
    except Exception as error:
        if not is_outage(error):
            raise
        log.warning("late_reply_not_stored", error=type(error).__name__)
        return False
    reception.in_flight.start(sending.send_result(reception.resources, owed, handling))
    return True


def _reply(opened: Opened, said: Answer | None, now: datetime) -> web.Response:
    if said is None:
        return web.Response(text=SUCCESS)
    push = opened.push
    reply = _written(push, said, now)
    content_type = "application/json" if opened.format == "json" else "application/xml"
    return web.Response(text=opened.seal(reply, now), content_type=content_type)


def _written(push: Push, said: Answer, now: datetime) -> str:
    if said.hands_over:
        return hand_over_reply(push, now)
    return news_reply(push, said.article, now) if said.article else text_reply(push, said.text, now)


def _refused(error: PushError) -> web.Response:
    """Refuse with the same response whatever is wrong, so that an attacker learns nothing; the log has the reason."""
    log.warning("push_refused", error=type(error).__name__, reason=error.reason)
    status = 413 if isinstance(error, PushTooLarge) else 403
    return web.Response(status=status, text="refused", headers={"X-Content-Type-Options": "nosniff"})


async def _let_time_out(request: web.Request, arrived_s: float) -> web.Response:
    """Stay silent until WeChat has given up on this try, then drop the connection; WeChat retries."""
    await asyncio.sleep(max(0.0, arrived_s + WECHAT_GIVES_UP_AFTER_S - _loop_time()))
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503)


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
