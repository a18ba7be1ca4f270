"""The APIs of the mini-program that we use. Source: WeChat docs 小程序 · 服务端 API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, cast

from wechat.api import DEFAULT_TIMEOUT_S, ApiClient, Call
from wechat.errors import BadRequest, Transient
from wechat.registered import Quota, RegisteredTemplate, quota_of, registered
from wechat.transport import Request
from wechat.values import fit_all

EnvVersion: TypeAlias = Literal["release", "trial", "develop"]
Verdict: TypeAlias = Literal["pass", "review", "risky"]
ProgramState: TypeAlias = Literal["formal", "trial", "developer"]

_SCENE: Final = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
_PHONE_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_PROFILE: Final = 1
"""The scene of msg_sec_check for texts of a user's profile."""
_CODE_WIDTHS: Final = range(280, 1281)


@dataclass(frozen=True, slots=True)
class Session:
    """The identity behind a login. The session key never leaves the server and is in no repr."""

    openid: str
    session_key: str = field(repr=False)
    unionid: str | None = None


class MiniProgramApi:
    """The calls of one mini-program. Every method raises ApiError; sends may end as OutcomeUnknown."""

    def __init__(self, client: ApiClient, logins: ApiClient | None = None) -> None:
        """`logins` is the client for logins. Anybody can cause these; with connections of its own they cannot hold up the rest."""
        self._client = client
        self._logins = logins or client

    @property
    def app_id(self) -> str:
        """The app id; a user's openid is valid for this app id only."""
        return self._client.account.app_id

    async def code_to_session(self, code: str) -> Session:
        """Return the user behind a code of `wx.login`. A code works once, so the call is not retried.

        Raises LoginRejected for a void or used code or a blocked user; RateLimited when this user logs in
        too often.
        """
        account = self._client.account
        query = {
            "appid": account.app_id,
            "secret": account.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        request = Request("GET", "/sns/jscode2session", query)
        call = Call(request, idempotent=False, needs_token=False, quota_is_per_user=True)
        return _session(await self._logins.call(call))

    async def send_subscribe(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        page: str | None = None,
        state: ProgramState = "formal",
    ) -> str:
        """Send the subscription message the user allowed and return its msgid, or "" if WeChat names none.

        Values are cut to the rules of their keys first (UnfitValue). Raises Undeliverable (43101) when there is no permission left.
        """
        body: dict[str, object] = {
            "touser": openid,
            "template_id": template_id,
            "data": fit_all(data),
            "miniprogram_state": state,
            "lang": "zh_CN",
        }
        if page is not None:
            body["page"] = page
        response = await self._client.call(
            Call(Request("POST", "/cgi-bin/message/subscribe/send", body=body), idempotent=False)
        )
        return str(response.get("msgid", ""))

    async def check_text(self, openid: str, text: str, timeout_s: float = DEFAULT_TIMEOUT_S) -> Verdict:
        """Return WeChat's verdict on a text of a user's profile (msg_sec_check): `pass`, `review` or `risky`.

        The user must have opened the mini-program within two hours. Raises Misconfigured (48001) where the API is not granted.
        """
        api = "/wxa/msg_sec_check"
        body = {"version": 2, "openid": openid, "scene": _PROFILE, "content": text, "nickname": text}
        request = Request("POST", api, body=body)
        response = await self._client.call(Call(request, idempotent=True, timeout_s=timeout_s))
        result = response.get("result")
        verdict = result.get("suggest") if isinstance(result, dict) else None
        if verdict not in ("pass", "review", "risky"):
            raise Transient(api, errmsg="answered without a verdict")
        return cast("Verdict", verdict)

    async def templates(self) -> list[RegisteredTemplate]:
        """Return the templates of subscription messages that the account has added (WeChat docs: 获取已有模板列表)."""
        request = Request("GET", "/wxaapi/newtmpl/gettemplate")
        answer = await self._client.call(Call(request, idempotent=True))
        return registered(answer.get("data"), "priTmplId")

    async def quota(self, api: str) -> Quota:
        """Return the quota of an API, named by its path. Raises UnexpectedErrcode (76021) for one that has none."""
        return await quota_of(self._client, api)

    async def phone_number(self, code: str) -> str:
        """Return the phone number that the user shared by this code, as +, country code and digits. A code works once: no retry.

        Raises LoginRejected for a void or used code, OutcomeUnknown when the code may be used up without an answer.
        """
        api = "/wxa/business/getuserphonenumber"
        response = await self._client.call(Call(Request("POST", api, body={"code": code}), idempotent=False))
        info = response.get("phone_info")
        number, country = (
            info.get(name) if isinstance(info, dict) else None for name in ("purePhoneNumber", "countryCode")
        )
        found = f"+{country}{number}"
        if not _PHONE_NUMBER.fullmatch(found):
            raise Transient(api, errmsg="answered without a phone number")
        return found

    async def code_unlimited(
        self,
        scene: str,
        page: str,
        width: int = 430,
        *,
        check_path: bool = True,
        env_version: EnvVersion = "release",
    ) -> bytes:
        """Return the picture (PNG or JPEG) of a code that opens `page` with `scene`; width in pixels.

        Raises BadRequest, before anything is sent, for an invalid scene, page or width.
        """
        api = "/wxa/getwxacodeunlimit"
        if not _SCENE.fullmatch(scene):
            raise BadRequest(api, errmsg="a scene has 1 to 32 letters, digits and some symbols")
        if page.startswith("/") or "?" in page or width not in _CODE_WIDTHS:
            raise BadRequest(api, errmsg="no leading / or query in page; width 280 to 1280")
        body = {
            "scene": scene,
            "page": page,
            "width": width,
            "check_path": check_path,
            "env_version": env_version,
        }
        return await self._client.call_for_image(Call(Request("POST", api, body=body), idempotent=True))


def _session(response: Mapping[str, object]) -> Session:
    openid, session_key, unionid = (response.get(name) for name in ("openid", "session_key", "unionid"))
    if not isinstance(openid, str) or not openid or not isinstance(session_key, str):
        raise Transient("/sns/jscode2session", errmsg="answered without openid and session_key")
    return Session(openid, session_key, unionid if isinstance(unionid, str) and unionid else None)
