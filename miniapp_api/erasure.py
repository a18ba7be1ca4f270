"""/me/erasure: the member asks that their personal data be erased, or takes that back; an operator carries it out."""

from datetime import datetime

from aiohttp import web
from pydantic import StrictBool
from typing_extensions import TypedDict

from loyalty.erasing.requests import ask, asked_at, take_back
from miniapp_api.requests import MEMBER, MemberRequest
from web.answers import json_answer
from web.bodies import Body


class ErasureBody(Body):
    """Whether the member wants to be erased."""

    wanted: StrictBool


class ErasureAnswer(TypedDict):
    """When the member asked; null if nothing is asked."""

    asked_at: datetime | None


async def show_erasure(request: MemberRequest) -> web.Response:
    """Whether the member waits to be erased."""
    caller = request.caller
    return json_answer(ErasureAnswer(asked_at=await asked_at(caller.resources.pool, caller.member_id)))


async def ask_for_erasure(request: MemberRequest, body: ErasureBody) -> web.Response:
    """Store the request, or take it back. Safe to repeat."""
    pool, member_id = request.caller.resources.pool, request.caller.member_id
    if body.wanted:
        await ask(pool, member_id, request.now)
    else:
        await take_back(pool, member_id)
    return await show_erasure(request)


OPERATIONS = (
    MEMBER.get("/me/erasure", show_erasure, "有没有申请注销", ErasureAnswer),
    MEMBER.with_body(
        "PUT", "/me/erasure", ask_for_erasure, "申请注销，或者取消申请", ErasureBody, ErasureAnswer
    ),
)
