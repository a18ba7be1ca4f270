"""POST /session: exchange a code of `wx.login` for a session token."""

from datetime import datetime
from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints
from typing_extensions import TypedDict

from channels.identity import mini_visitor
from loyalty.members.enrolment import act_first
from miniapp_api.me import MeAnswer, me_answer
from miniapp_api.requests import PUBLIC, GuestRequest
from miniapp_api.sessions import open_session
from miniapp_api.wechat_problems import WECHAT_UNAVAILABLE, wechat_problem
from runtime.resources import Resources
from web.answers import json_answer
from web.bodies import Body
from web.problems import Kind, Problem
from wechat.errors import ApiError, LoginRejected, RateLimited, retry_after_s
from wechat.mini_program import Session

# WeChat docs: 小程序登录 · code2Session, errcode 40226 (高风险等级用户，小程序登录拦截).
HIGH_RISK_USER = 40226

LOGIN_CODE_INVALID = Kind("login_code_invalid", 401, "登录凭证无效")
LOGIN_REFUSED = Kind("login_refused", 403, "微信拒绝了这次登录")
LOGIN_TOO_OFTEN = Kind("login_too_often", 429, "登录太频繁")


class LoginBody(Body):
    """The code that `wx.login` returned; WeChat accepts it once."""

    code: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,256}$")]


class SessionAnswer(TypedDict):
    """The token to send as `Authorization: Bearer`, and the member whose session it is."""

    token: str
    expires_at: datetime
    member: MeAnswer


async def log_in(request: GuestRequest, body: LoginBody) -> web.Response:
    """Ask WeChat whom the code stands for; an unknown person becomes a member."""
    resources = request.caller.resources
    identity = await _identity(resources, body.code)
    now = resources.clock.now()  # WeChat may have taken seconds to answer
    app_id = resources.mini_program.app_id
    directory = resources.directory
    member = await mini_visitor(directory, resources.engine, app_id, identity.openid, identity.unionid, now)
    if not member.created:
        await act_first(resources.engine, resources.pool, member.member_id, now)
    await directory.note_visit(member.member_id, now, skip_if_known_today=False)
    session = await open_session(resources.pool, member.member_id, now)
    shown = me_answer(await directory.overview(member.member_id, now))
    return json_answer(SessionAnswer(token=session.token, expires_at=session.expires_at, member=shown))


async def _identity(resources: Resources, code: str) -> Session:
    try:
        return await resources.mini_program.code_to_session(code)
    except LoginRejected as error:
        if error.errcode == HIGH_RISK_USER:
            raise Problem(LOGIN_REFUSED, "微信认为这个账号有风险，暂时不能登录。") from error
        raise Problem(LOGIN_CODE_INVALID, "登录凭证无效或已用过，请重新登录。") from error
    except ApiError as error:
        now = resources.clock.now()
        if isinstance(error, RateLimited) and not error.is_of_the_day:
            wait = {"Retry-After": str(retry_after_s(error, now))}
            raise Problem(LOGIN_TOO_OFTEN, "请稍等一分钟再登录。", headers=wait) from error
        raise wechat_problem(error, now, "登录") from error


OPERATIONS = (
    PUBLIC.with_body(
        "POST",
        "/session",
        log_in,
        "登录",
        LoginBody,
        SessionAnswer,
        problems=(LOGIN_CODE_INVALID, LOGIN_REFUSED, LOGIN_TOO_OFTEN, WECHAT_UNAVAILABLE),
    ),
)
