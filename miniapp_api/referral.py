"""/referral: the member's invitations, the pictures that carry them, and who invited the member."""

import secrets
from collections.abc import Awaitable
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints
from typing_extensions import TypedDict

from channels import invitation
from channels.invitation import Kind as CodeKind
from loyalty.engine.refusals import AccountClosed
from loyalty.members.profile import Inviter, code_of_scene, mask, member_of_code
from loyalty.referral.commands import NOBODY_ID, BindReferral
from loyalty.referral.outcomes import (
    AlreadyBound,
    InviterTooNew,
    ReferralBound,
    ReferralTooLate,
    SelfReferral,
    UnknownReferralCode,
)
from loyalty.referral.views import ReferralView, referral
from miniapp_api.requests import MEMBER, MemberRequest
from miniapp_api.session import WECHAT_UNAVAILABLE
from models.member import Member
from web.answers import json_answer
from web.bodies import Body
from web.operations import Parameter
from web.problems import INVALID, Problem
from web.refusals import accepted, kind_of
from wechat.errors import ApiError


class BindBody(Body):
    """An invitation's code, or the scene it was opened with."""

    code: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]


class InviterAnswer(TypedDict):
    """Whom the invitation came from, masked."""

    name: str


class BoundAnswer(TypedDict):
    """Who invited the member, for ever."""

    inviter: InviterAnswer


async def show_referral(request: MemberRequest) -> web.Response:
    """The member's invitations."""
    return json_answer(await referral(request.caller.member_id, request.caller.live))


async def show_qrcode(request: MemberRequest) -> web.Response:
    """The member's QR code."""
    kind, member, resources = _code_kind(request), await _member(request), request.caller.resources
    return await _picture(
        invitation.qrcode_png(
            resources.official_account,
            resources.mini_program,
            resources.redis,
            member.referral_code,
            kind,
            request.now,
        )
    )


async def show_poster(request: MemberRequest) -> web.Response:
    """A poster with the member's QR code."""
    kind, member, resources = _code_kind(request), await _member(request), request.caller.resources
    brand = request.caller.live.rules.programme.brand
    return await _picture(
        invitation.poster_png(
            resources.official_account,
            resources.mini_program,
            resources.redis,
            member.referral_code,
            kind,
            brand,
            member.nickname,
            request.now,
        )
    )


async def bind_referral(request: MemberRequest, body: BindBody) -> web.Response:
    """Remember who invited the member."""
    inviter = await _inviter(body.code)
    command = BindReferral(
        member_id=request.caller.member_id,
        request_key=request.key or f"api:bind:{secrets.token_urlsafe(16)}",
        keep_refusal=request.key is not None,
        at=request.now,
        inviter_id=inviter.member_id,
        code=body.code,
    )
    decision = await request.run(command)
    accepted(decision, ReferralBound)
    answer = BoundAnswer(inviter=InviterAnswer(name=mask(inviter.nickname, inviter.member_id)))
    return json_answer(answer, replayed=decision.replayed)


async def _inviter(code: str) -> Inviter:
    """Whose code it is; an unknown one goes to the engine as well, which first looks for what the key was answered before."""
    return await member_of_code(code_of_scene(code) or code) or Inviter(NOBODY_ID, None)


async def _picture(drawn: Awaitable[bytes]) -> web.Response:
    try:
        return web.Response(body=await drawn, content_type="image/png")
    except ApiError as error:
        raise Problem(
            WECHAT_UNAVAILABLE, "二维码暂时取不到，请稍后再试。", headers={"Retry-After": "5"}
        ) from error


async def _member(request: MemberRequest) -> Member:
    return await Member.get(member_id=request.caller.member_id)


def _code_kind(request: MemberRequest) -> CodeKind:
    match request.http.query.get("kind", "oa"):
        case "oa":
            return "oa"
        case "miniapp":
            return "miniapp"
    raise Problem(INVALID, "kind 应为 oa（公众号）或 miniapp（小程序）。")


_KIND = (Parameter("kind", "oa（公众号，默认）或 miniapp（小程序）", choices=("oa", "miniapp")),)

OPERATIONS = (
    MEMBER.get("/referral", show_referral, "我的邀请", ReferralView),
    MEMBER.get(
        "/referral/qrcode.png",
        show_qrcode,
        "邀请二维码",
        None,
        query=_KIND,
        problems=(INVALID, WECHAT_UNAVAILABLE),
    ),
    MEMBER.get(
        "/referral/poster.png",
        show_poster,
        "邀请海报",
        None,
        query=_KIND,
        problems=(INVALID, WECHAT_UNAVAILABLE),
    ),
    MEMBER.with_body(
        "POST",
        "/referral/bind",
        bind_referral,
        "填写邀请人",
        BindBody,
        BoundAnswer,
        keyed="optional",
        problems=[
            kind_of(one)
            for one in (
                UnknownReferralCode,
                AlreadyBound,
                SelfReferral,
                ReferralTooLate,
                InviterTooNew,
                AccountClosed,
            )
        ],
    ),
)
