"""The APIs of the official account that we use. Source: WeChat docs 服务号 · API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from wechat.api import ApiClient, Call
from wechat.errors import BadRequest, Transient, UnexpectedErrcode
from wechat.registered import Quota, RegisteredTemplate, quota_of, registered
from wechat.text import cut_bytes, legal
from wechat.transport import Request
from wechat.values import fit_all

_NO_MENU: Final = 46003
_MAX_SCENE_CHARS: Final = 64
_MAX_EXPIRE_S: Final = 30 * 86_400
_MIN_EXPIRE_S: Final = 60


@dataclass(frozen=True, slots=True)
class UserInfo:
    """What WeChat tells about a user: whether they follow, since when (Unix seconds), and how they found the account."""

    openid: str
    follows: bool
    unionid: str | None
    followed_at: int | None
    subscribe_scene: str | None
    scene: str | None


@dataclass(frozen=True, slots=True)
class QrCode:
    """A parametric QR code: draw `url`, or show the picture the platform has for `ticket`."""

    ticket: str
    url: str
    expires_in_s: int | None


@dataclass(frozen=True, slots=True)
class MiniProgramPage:
    """Where a template message leads: a page of a linked mini-program."""

    app_id: str
    path: str


class OfficialAccountApi:
    """The calls of one official account. Every method raises ApiError; sends may end as OutcomeUnknown."""

    def __init__(self, client: ApiClient) -> None:
        self._client = client

    @property
    def app_id(self) -> str:
        """The app id; a user's openid is valid for this app id only."""
        return self._client.account.app_id

    async def user_info(self, openid: str, timeout_s: float = 5.0) -> UserInfo:
        """Return the information about a user; `timeout_s` covers token and retries."""
        request = Request("GET", "/cgi-bin/user/info", {"openid": openid, "lang": "zh_CN"})
        return _user_info(
            openid, await self._client.call(Call(request, idempotent=True, timeout_s=timeout_s))
        )

    async def create_qrcode(self, scene_str: str, expire_seconds: int | None = None) -> QrCode:
        """Return a code that carries the scene; permanent (100,000 per account) without `expire_seconds`.

        Raises BadRequest, before anything is sent, unless the scene has 1 to 64 characters and the code lasts
        60 seconds to 30 days.
        """
        api = "/cgi-bin/qrcode/create"
        if not 1 <= len(scene_str) <= _MAX_SCENE_CHARS:
            raise BadRequest(api, errmsg="a scene has 1 to 64 characters")
        if expire_seconds is not None and not _MIN_EXPIRE_S <= expire_seconds <= _MAX_EXPIRE_S:
            raise BadRequest(api, errmsg="a code lasts 60 seconds to 30 days")
        body: dict[str, object] = {"action_info": {"scene": {"scene_str": scene_str}}}
        if expire_seconds is None:
            body["action_name"] = "QR_LIMIT_STR_SCENE"
        else:
            body |= {"action_name": "QR_STR_SCENE", "expire_seconds": expire_seconds}
        # A permanent code uses up one of 100,000, so a call with an unknown outcome is not repeated.
        call = Call(Request("POST", api, body=body), idempotent=expire_seconds is not None)
        return _qr_code(api, await self._client.call(call))

    async def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        client_msg_id: str,
        *,
        url: str | None = None,
        miniprogram: MiniProgramPage | None = None,
    ) -> str:
        """Send a template message and return its msgid, which TEMPLATESENDJOBFINISH will name.

        Values are cut to the rules of their keys first (UnfitValue). With both targets the message opens the
        mini-program, and `url` on old clients.
        """
        body: dict[str, object] = {
            "touser": openid,
            "template_id": template_id,
            "client_msg_id": client_msg_id,
            "data": fit_all(data),
        }
        if url is not None:
            body["url"] = url
        if miniprogram is not None:
            body["miniprogram"] = {"appid": miniprogram.app_id, "pagepath": miniprogram.path}
        response = await self._client.call(_send("/cgi-bin/message/template/send", body))
        return str(response.get("msgid", ""))

    async def send_custom_text(self, openid: str, text: str) -> None:
        """Send a customer-service text, cut to 2048 bytes; WeChat allows it only while a window is open."""
        body = {"touser": openid, "msgtype": "text", "text": {"content": cut_bytes(legal(text))}}
        await self._client.call(_send("/cgi-bin/message/custom/send", body))

    async def create_menu(self, buttons: Sequence[Mapping[str, object]]) -> None:
        """Replace the account's menu by 1 to 3 buttons, in the platform's own field names."""
        request = Request("POST", "/cgi-bin/menu/create", body={"button": list(buttons)})
        await self._client.call(Call(request, idempotent=True))

    async def menu(self) -> list[dict[str, Any]]:
        """Return the buttons of the account's menu; none without a menu."""
        call = Call(Request("GET", "/cgi-bin/menu/get"), idempotent=True)
        try:
            answer = await self._client.call(call)
        except UnexpectedErrcode as refused:
            if refused.errcode == _NO_MENU:
                return []
            raise
        menu = answer.get("menu")
        buttons = menu.get("button") if isinstance(menu, dict) else None
        return [one for one in buttons if isinstance(one, dict)] if isinstance(buttons, list) else []

    async def templates(self) -> list[RegisteredTemplate]:
        """Return the templates of template messages that the account has added."""
        request = Request("GET", "/cgi-bin/template/get_all_private_template")
        answer = await self._client.call(Call(request, idempotent=True))
        return registered(answer.get("template_list"), "template_id")

    async def quota(self, api: str) -> Quota:
        """Return the quota of an API, named by its path. Raises UnexpectedErrcode (76021) for one that has none."""
        return await quota_of(self._client, api)


def _send(api: str, body: Mapping[str, object]) -> Call:
    """The call that sends a message; not idempotent, because a message that may have been sent must not be sent again."""
    return Call(Request("POST", api, body=body), idempotent=False)


def _user_info(openid: str, response: Mapping[str, Any]) -> UserInfo:
    followed_at = response.get("subscribe_time")
    return UserInfo(
        openid=openid,
        follows=str(response.get("subscribe")) == "1",
        unionid=_text(response, "unionid"),
        followed_at=followed_at if isinstance(followed_at, int) and followed_at > 0 else None,
        subscribe_scene=_text(response, "subscribe_scene"),
        scene=_text(response, "qr_scene_str"),
    )


def _text(response: Mapping[str, Any], name: str) -> str | None:
    value = response.get(name)
    return value if isinstance(value, str) and value else None


def _qr_code(api: str, response: Mapping[str, Any]) -> QrCode:
    ticket, url, lasts = _text(response, "ticket"), _text(response, "url"), response.get("expire_seconds")
    if ticket is None or url is None:
        raise Transient(api, errmsg="answered without ticket and url")
    return QrCode(ticket, url, lasts if isinstance(lasts, int) else None)
