"""A strict stand-in for the platform: checks what it is asked, answers as documented, misbehaves as told."""

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from aiohttp import web

APP_ID = "wx1234567890abcdef"
SECRET = "canary-secret-5f0c8a"
OPENID = "oUser-0001"
SESSION_KEY = "canary-session-key=="
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
RID = " rid: 5f0a1b2c-3d4e5f60-71829304"

JsonObject: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Raw:
    """Any bytes with any status."""

    content: bytes
    status: int = 200


@dataclass(frozen=True)
class Drop:
    """The connection breaks after the request was carried out."""


@dataclass(frozen=True)
class Slow:
    """The answer takes its time."""

    seconds: float


Misbehaviour: TypeAlias = JsonObject | Raw | Drop | Slow


def refusal(errcode: int | str, errmsg: str = "refused") -> JsonObject:
    return {"errcode": errcode, "errmsg": errmsg + RID}


class Platform:
    """One account's platform. `asked` counts requests by path, `bodies` keeps what was sent."""

    def __init__(self) -> None:
        self.base_url = ""
        self.asked: Counter[str] = Counter()
        self.bodies: defaultdict[str, list[Any]] = defaultdict(list)
        self.queries: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
        self.valid_token = "canary-token-0"
        self.expires_in: Any = 7200
        self.used_codes: set[str] = set()
        self._next: defaultdict[str, list[Misbehaviour]] = defaultdict(list)
        self._always: dict[str, Misbehaviour] = {}

    def revoke_token(self) -> None:
        """From now on another token is valid."""
        self.valid_token = f"canary-token-{int(self.valid_token.rsplit('-', 1)[1]) + 1}"

    def next(self, path: str, *misbehaviours: Misbehaviour) -> None:
        """Answer so to the next requests, once each."""
        self._next[path].extend(misbehaviours)

    def always(self, path: str, misbehaviour: Misbehaviour) -> None:
        """Answer so to every request."""
        self._always[path] = misbehaviour

    def app(self) -> web.Application:
        app = web.Application()
        routes: list[tuple[str, str, Callable[[web.Request, Any], JsonObject | bytes], bool]] = [
            ("POST", "/cgi-bin/stable_token", self._stable_token, False),
            ("GET", "/sns/jscode2session", self._code_to_session, False),
            ("GET", "/cgi-bin/user/info", self._user_info, True),
            ("POST", "/cgi-bin/qrcode/create", self._qrcode, True),
            ("POST", "/cgi-bin/message/template/send", self._template, True),
            ("POST", "/cgi-bin/message/custom/send", self._custom, True),
            ("POST", "/cgi-bin/menu/create", self._menu, True),
            ("POST", "/cgi-bin/message/subscribe/send", self._subscribe, True),
            ("POST", "/wxa/getwxacodeunlimit", self._code, True),
        ]
        for method, path, handler, needs_token in routes:
            app.router.add_route(method, path, self._door(path, handler, needs_token))
        return app

    def _door(
        self, path: str, handler: Callable[[web.Request, Any], JsonObject | bytes], needs_token: bool
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def door(request: web.Request) -> web.StreamResponse:
            self.asked[path] += 1
            self.queries[path].append(dict(request.query))
            body = await self._body(request)
            fault = self._next[path].pop(0) if self._next[path] else self._always.get(path)
            if isinstance(fault, Slow):
                await asyncio.sleep(fault.seconds)
            elif isinstance(fault, Drop):
                assert request.transport is not None
                request.transport.abort()
            elif isinstance(fault, Raw):
                return web.Response(status=fault.status, body=fault.content)
            elif fault is not None:
                return _text(fault)
            if needs_token and request.query.get("access_token") != self.valid_token:
                return _text(refusal(40001, "invalid credential, access_token is invalid or not latest"))
            answer = handler(request, body)
            if isinstance(answer, bytes):
                return web.Response(body=answer, content_type="image/png")
            return _text(answer)

        return door

    async def _body(self, request: web.Request) -> Any:
        """A body is UTF-8 without escapes, as the platform shows escapes to users as they are."""
        if request.method != "POST":
            return None
        raw = await request.read()
        assert request.charset == "utf-8"
        assert b"\\u" not in raw
        self.bodies[request.path].append(json.loads(raw))
        return json.loads(raw)

    def _stable_token(self, _request: web.Request, body: Any) -> JsonObject:
        assert set(body) == {"grant_type", "appid", "secret", "force_refresh"}
        if body["grant_type"] != "client_credential":
            return refusal(40002)
        if body["appid"] != APP_ID:
            return refusal(40013)
        if body["secret"] != SECRET:
            return refusal(40125, f"invalid appsecret {body['secret']}")
        assert body["force_refresh"] is False
        return {"access_token": self.valid_token, "expires_in": self.expires_in}

    def _code_to_session(self, request: web.Request, _body: Any) -> JsonObject:
        query = request.query
        assert set(query) == {"appid", "secret", "js_code", "grant_type"}
        assert (query["appid"], query["secret"], query["grant_type"]) == (
            APP_ID,
            SECRET,
            "authorization_code",
        )
        code = query["js_code"]
        if code in self.used_codes:
            return refusal(40163, f"code been used, {code}")
        if not code.startswith("code-"):
            return refusal(40029, f"invalid code {code}")
        self.used_codes.add(code)
        found = {"openid": code.replace("code-", "oM-"), "session_key": SESSION_KEY}
        return found | ({"unionid": "uni-1"} if code.endswith("bound") else {})

    def _user_info(self, request: web.Request, _body: Any) -> JsonObject:
        assert set(request.query) == {"access_token", "openid", "lang"}
        openid = request.query["openid"]
        if openid == "oGone":
            return {"subscribe": 0, "openid": openid}
        if openid != OPENID:
            return refusal(40003, f"invalid openid {openid}")
        return {
            "subscribe": 1,
            "openid": openid,
            "subscribe_time": 1700000000,
            "unionid": "uni-1",
            "subscribe_scene": "ADD_SCENE_QR_CODE",
            "qr_scene": 0,
            "qr_scene_str": "inv_7Qk2",
        }

    def _qrcode(self, _request: web.Request, body: Any) -> JsonObject:
        scene = body["action_info"]["scene"]["scene_str"]
        temporary = body["action_name"] == "QR_STR_SCENE"
        assert temporary or body["action_name"] == "QR_LIMIT_STR_SCENE"
        assert ("expire_seconds" in body) is temporary
        found = {"ticket": f"gQ-{scene}", "url": f"http://weixin.qq.com/q/{scene}"}
        return found | ({"expire_seconds": body["expire_seconds"]} if temporary else {})

    def _template(self, _request: web.Request, body: Any) -> JsonObject:
        assert {"touser", "template_id", "client_msg_id", "data"} <= set(body)
        assert all(set(value) == {"value"} for value in body["data"].values())
        if body["touser"] != OPENID:
            return refusal(43004, "require subscribe")
        return {"errcode": 0, "errmsg": "ok", "msgid": 200228332}

    def _custom(self, _request: web.Request, body: Any) -> JsonObject:
        assert set(body) == {"touser", "msgtype", "text"}
        if len(body["text"]["content"].encode()) > 2048:
            return refusal(45002, "content size out of limit")
        return {"errcode": 0, "errmsg": "ok"}

    def _menu(self, _request: web.Request, body: Any) -> JsonObject:
        assert 1 <= len(body["button"]) <= 3
        return {"errcode": 0, "errmsg": "ok"}

    def _subscribe(self, _request: web.Request, body: Any) -> JsonObject:
        assert {"touser", "template_id", "data", "miniprogram_state", "lang"} <= set(body)
        if body["touser"] != OPENID:
            return refusal(43101, "user refuse to accept the msg")
        return {"errcode": 0, "errmsg": "ok"}

    def _code(self, _request: web.Request, body: Any) -> JsonObject | bytes:
        assert set(body) == {"scene", "page", "width", "check_path", "env_version"}
        return PNG if body["page"] == "pages/index" else refusal(41030, "invalid page")


def _text(answer: JsonObject) -> web.Response:
    """The platform labels its JSON as plain text."""
    return web.Response(text=json.dumps(answer, ensure_ascii=False), content_type="text/plain")
