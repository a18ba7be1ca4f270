"""/subscriptions: which messages there are, and what the member answered to `wx.requestSubscribeMessage`.

An accepted answer allows one message; a refusal leaves earlier permissions as they are. The count is only as good as the client
that reports it: WeChat decides when a message is sent, and answers 43101 if nothing is allowed (WeChat docs: 订阅消息).
"""

from datetime import datetime, timedelta
from typing import Annotated, Final

from aiohttp import web
from pydantic import StringConstraints
from typing_extensions import TypedDict

from channels import consent, outbox
from channels.consent import Permission
from channels.notices.kinds import kinds_with, subscribable, template_ids
from miniapp_api.requests import MEMBER, MemberRequest
from web.answers import json_answer
from web.bodies import Body
from web.problems import Kind, Problem

UNKNOWN_TEMPLATE = Kind("unknown_template", 422, "没有这个订阅消息")

SAME_TAP: Final = timedelta(seconds=10)
"""WeChat's own event about the same tap may arrive first, so nothing is counted within this time after a change.

A count that is one too low costs one message; one too high costs a send that WeChat refuses.
"""
MAX_GRANTED: Final = 100


class SubscriptionBody(Body):
    """The template's id, and whether the member allowed one message of it."""

    template: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
    accepted: bool


class SubscriptionAnswer(TypedDict):
    """How many messages of this template may still be sent, by our count."""

    template: str
    granted: int


class OfferedMessage(TypedDict):
    """A kind of message that the member may allow, and how many of it may still be sent, by our count."""

    template: str
    about: str
    granted: int


class OfferedMessages(TypedDict):
    """The messages that the rules in force know."""

    messages: list[OfferedMessage]


async def show_subscriptions(request: MemberRequest) -> web.Response:
    """The subscribe messages that the mini-program may ask consent to."""
    caller = request.caller
    held = await consent.granted(caller.resources.pool, caller.member_id)
    offered = subscribable(caller.live.rules)
    messages = [
        OfferedMessage(template=template, about=about, granted=held.get(template, 0))
        for template, about in offered.items()
    ]
    return json_answer(OfferedMessages(messages=messages))


async def record_subscription(request: MemberRequest, body: SubscriptionBody) -> web.Response:
    """Count a permission. A notice that waits for it becomes due again, also if the member's visit of today is noted already."""
    if body.template not in template_ids(request.caller.live.rules):
        raise Problem(UNKNOWN_TEMPLATE, "现在的规则里没有这个模板。")
    member_id, resources = request.caller.member_id, request.caller.resources
    held = await consent.permission(resources.pool, member_id, body.template)
    if body.accepted and _counts(held, request.now):
        await consent.grant(resources.pool, member_id, body.template, request.now)
        held = await consent.permission(resources.pool, member_id, body.template)
        kinds = kinds_with(body.template, request.caller.live.rules)
        await outbox.permit(resources.pool, member_id, kinds, request.now)
    await resources.directory.note_visit(member_id, request.now, skip_if_known_today=False)
    return json_answer(SubscriptionAnswer(template=body.template, granted=held.granted if held else 0))


def _counts(held: Permission | None, now: datetime) -> bool:
    return held is None or (held.granted < MAX_GRANTED and now - held.changed_at >= SAME_TAP)


OPERATIONS = (
    MEMBER.get("/subscriptions", show_subscriptions, "可以订阅的消息", OfferedMessages),
    MEMBER.with_body(
        "POST",
        "/subscriptions",
        record_subscription,
        "订阅消息的选择",
        SubscriptionBody,
        SubscriptionAnswer,
        problems=(UNKNOWN_TEMPLATE,),
    ),
)
