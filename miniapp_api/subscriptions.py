"""/subscriptions: what the member answered to `wx.requestSubscribeMessage`.

The client's word is no evidence: it is counted, and the platform has the last word when a message is sent (43101, WeChat docs:
订阅消息). An accepted answer allows one message; a refusal leaves earlier permissions as they are.
"""

from datetime import datetime, timedelta
from typing import Annotated, Final

from aiohttp import web
from pydantic import StringConstraints
from typing_extensions import TypedDict

from channels import consent
from miniapp_api.requests import MEMBER, MemberRequest
from models.member import Consent
from web.answers import json_answer
from web.bodies import Body
from web.problems import Kind, Problem

UNKNOWN_TEMPLATE = Kind("unknown_template", 422, "没有这个订阅消息")

SAME_TAP: Final = timedelta(seconds=10)
"""The platform's own event about the same tap may come first; so soon after a change nothing is counted again.

Counting one too few only costs a message, one too many a refused send.
"""
MOST_GRANTED: Final = 100


class SubscriptionBody(Body):
    """The template's id, and whether the member allowed one message of it."""

    template: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
    accepted: bool


class SubscriptionAnswer(TypedDict):
    """How many messages of this template may still be sent, as far as we know."""

    template: str
    granted: int


async def record_subscription(request: MemberRequest, body: SubscriptionBody) -> web.Response:
    """Count a permission; notices that waited for one are due again, however often the member was here today."""
    if body.template not in template_ids(request.caller.live.rules):
        raise Problem(UNKNOWN_TEMPLATE, "现在的规则里没有这个模板。")
    held = await Consent.filter(member_id=request.caller.member_id, template_id=body.template).first()
    if body.accepted and _counts(held, request.now):
        await consent.grant(
            request.caller.resources.pool, request.caller.member_id, body.template, request.now
        )
        held = await Consent.filter(member_id=request.caller.member_id, template_id=body.template).first()
    await request.caller.resources.directory.touch(request.caller.member_id, request.now)
    return json_answer(SubscriptionAnswer(template=body.template, granted=held.granted if held else 0))


def _counts(held: Consent | None, now: datetime) -> bool:
    return held is None or (held.granted < MOST_GRANTED and now - held.changed_at >= SAME_TAP)


OPERATIONS = (
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
