"""The security kinds: how callers prove who they are, as requests carry the proof and as OpenAPI describes it.

A kind only reads the proof. The API that uses the kind finds the caller to whom it belongs, with the function that it gives to its
`web.requests.Pipeline`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from aiohttp import web

from web.problems import UNAUTHORIZED, Kind, Problem

OPERATOR_COOKIE: Final = "jifen_operator"
PARTNER_KEY_BEGINS: Final = "jf_live_"

KEY_IN_URL = Kind("key_in_url", 400, "密钥不能写在网址里")


@dataclass(frozen=True)
class Security:
    """One kind of proof.

    `name` and `scheme` go to OpenAPI's `components.securitySchemes`; without a scheme nothing has to be proved. `credential` reads
    the proof from a request, and returns None unless there is exactly one of the right form. A 401 carries `challenge` as its
    `WWW-Authenticate` and `detail` as its sentence.
    """

    name: str
    scheme: Mapping[str, str] | None
    credential: Callable[[web.Request], str | None]
    challenge: str
    detail: str

    @property
    def is_public(self) -> bool:
        """Whether anybody may call."""
        return self.scheme is None

    def unauthorized(self) -> Problem:
        """The 401 for a request whose proof is missing or belongs to nobody."""
        return Problem(UNAUTHORIZED, self.detail, headers={"WWW-Authenticate": self.challenge})


def _nothing(_: web.Request) -> str:
    return ""


def _bearer(token: str) -> Callable[[web.Request], str | None]:
    """The reader of `Authorization: Bearer …` with a token that matches the pattern `token`."""
    pattern = re.compile(f"[Bb]earer +({token})")

    def read(request: web.Request) -> str | None:
        values = request.headers.getall("Authorization", [])
        found = pattern.fullmatch(values[0]) if len(values) == 1 else None
        return found[1] if found else None

    return read


_partner_key = _bearer(PARTNER_KEY_BEGINS + "[A-Za-z0-9_-]{1,128}")


def _partner_key_not_in_url(request: web.Request) -> str | None:
    """The key in the header. Raises Problem 400 if there is one in the URL as well: URLs are kept in logs and histories."""
    if PARTNER_KEY_BEGINS in unquote(request.raw_path):
        raise Problem(KEY_IN_URL, "网址会留在日志里：请作废这个密钥，换一个新的，放进 Authorization 请求头。")
    return _partner_key(request)


def _operator_cookie(request: web.Request) -> str | None:
    return request.cookies.get(OPERATOR_COOKIE) or None


NONE: Final = Security("none", None, _nothing, "", "")
"""Public: anybody may call."""

MEMBER_SESSION: Final = Security(
    "session",
    {"type": "http", "scheme": "bearer"},
    _bearer("[A-Za-z0-9_-]{43}"),
    "Bearer",
    "登录已过期，请重新登录。",
)
"""A member's session in the mini-program: 32 random bytes in URL-safe base64."""

PARTNER_KEY: Final = Security(
    "partner_key",
    {"type": "http", "scheme": "bearer"},
    _partner_key_not_in_url,
    "Bearer",
    "接口密钥无效或已停用。",
)
"""The key of a till, a shop, a CRM or an ERP."""

OPERATOR: Final = Security(
    "operator",
    {"type": "apiKey", "in": "cookie", "name": OPERATOR_COOKIE},
    _operator_cookie,
    "Cookie",
    "登录已过期，请重新登录。",
)
"""An operator's session in the browser."""
