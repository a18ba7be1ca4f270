"""/referral: the member's invitations, their QR codes and posters, and who invited the member."""

import hashlib
import secrets
from collections.abc import Awaitable
from typing import Annotated, Final

from aiohttp import web
from pydantic import StringConstraints
from typing_extensions import TypedDict

from channels.invitation import Kind as CodeKind
from channels.invitation import poster_png, qrcode_png
from channels.nicknames import nickname_for_poster
from loyalty.engine.refusals import AccountAhead, AccountClosed
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
from loyalty.referral.views import Invitation, ReferralView, invitation, referral
from loyalty.referral.words import both_get
from miniapp_api.requests import MEMBER, MemberRequest
from miniapp_api.wechat_problems import WECHAT_UNAVAILABLE, wechat_problem
from web.answers import json_answer
from web.bodies import Body
from web.operations import Parameter
from web.problems import INVALID, Problem
from web.refusals import accepted, kinds_of
from wechat.errors import ApiError

KEPT_BY_CLIENT: Final = {"Cache-Control": "private, max-age=300", "Vary": "Authorization"}
"""A picture belongs to its member alone; after five minutes the client asks whether it has changed."""


class BindBody(Body):
    """An invitation's code, or the scene of the QR code that opened the mini-program."""

    code: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,64}$")]


class InviterAnswer(TypedDict):
    """The inviter, under a masked name."""

    name: str


class BoundAnswer(TypedDict):
    """Who invited the member; it can never change."""

    inviter: InviterAnswer


async def show_referral(request: MemberRequest) -> web.Response:
    """The member's invitations."""
    return json_answer(await referral(request.caller.member_id, request.caller.live))


async def show_qrcode(request: MemberRequest) -> web.Response:
    """The member's QR code."""
    kind, resources = _code_kind(request), request.caller.resources
    shown = await invitation(request.caller.member_id)
    return await _picture(
        request,
        qrcode_png(
            resources.official_account,
            resources.mini_program,
            resources.redis,
            shown.code,
            kind,
            request.now,
        ),
    )


async def show_poster(request: MemberRequest) -> web.Response:
    """A poster with the member's QR code."""
    kind, resources = _code_kind(request), request.caller.resources
    shown = await invitation(request.caller.member_id)
    programme = request.caller.live.rules.programme
    return await _picture(
        request,
        poster_png(
            resources.official_account,
            resources.mini_program,
            resources.redis,
            shown.code,
            kind,
            programme.brand,
            await _poster_name(request, shown),
            request.now,
            both_get(request.caller.live.rules.referral),
            programme.theme.color,
        ),
    )


async def _poster_name(request: MemberRequest, shown: Invitation) -> str | None:
    """The nickname if it may be shown to others."""
    if shown.nickname is None:
        return None
    caller, resources = request.caller, request.caller.resources
    return await nickname_for_poster(
        resources.pool,
        resources.mini_program,
        caller.member_id,
        shown.nickname,
        caller.live.rules.programme,
        checked=shown.nickname_checked,
    )


async def bind_referral(request: MemberRequest, body: BindBody) -> web.Response:
    """Record who invited the member."""
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
    """Whose code it is; NOBODY_ID for an unknown code, because the engine may still have a stored answer for the request key."""
    return await member_of_code(code_of_scene(code) or code) or Inviter(NOBODY_ID, None)


async def _picture(request: MemberRequest, drawn: Awaitable[bytes]) -> web.Response:
    """The picture, or 304 for a client that has it already."""
    try:
        png = await drawn
    except ApiError as error:
        raise wechat_problem(error, request.now, "二维码") from error
    tag = hashlib.sha256(png).hexdigest()[:32]
    known = any(one.value in (tag, "*") for one in request.http.if_none_match or ())
    response = web.Response(status=304) if known else web.Response(body=png, content_type="image/png")
    response.etag = tag
    response.headers.update(KEPT_BY_CLIENT)
    return response


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
        problems=kinds_of(
            UnknownReferralCode,
            AlreadyBound,
            SelfReferral,
            ReferralTooLate,
            InviterTooNew,
            AccountClosed,
            AccountAhead,
        ),
    ),
)
