"""Errors of the JSON APIs: RFC 9457 problem details with a stable `code`, Chinese texts, and facts as further fields."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import web

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its stable code, its HTTP status, and its title in Chinese."""

    code: str
    status: int
    title: str


class Problem(Exception):
    """The reason why a request is refused; `facts` become fields of the answer, `headers` its headers."""

    def __init__(
        self,
        kind: Kind,
        detail: str | None = None,
        *,
        facts: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        replayed: bool = False,
    ) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.detail = detail
        self.facts = dict(facts or {})
        self.headers = dict(headers or {})
        self.replayed = replayed


def problem_response(problem: Problem, request_id: str) -> web.Response:
    """The answer for a problem. `type` is `about:blank`, because the code identifies the kind and there is no page per kind."""
    body = {
        "type": "about:blank",
        "title": problem.kind.title,
        "status": problem.kind.status,
        "code": problem.kind.code,
        **({"detail": problem.detail} if problem.detail else {}),
        "request_id": request_id,
        **problem.facts,
    }
    return web.Response(
        status=problem.kind.status,
        body=json.dumps(body, ensure_ascii=False).encode(),
        content_type=MEDIA_TYPE,
        headers=problem.headers,
    )


BODY_UNREADABLE = Kind("body_unreadable", 400, "请求内容无法读取")
IDEMPOTENCY_KEY_MISSING = Kind("idempotency_key_missing", 400, "缺少 Idempotency-Key 请求头")
IDEMPOTENCY_KEY_INVALID = Kind("idempotency_key_invalid", 400, "Idempotency-Key 请求头不合要求")
BAD_REQUEST = Kind("bad_request", 400, "请求无法处理")
UNAUTHORIZED = Kind("unauthorized", 401, "请先登录")
FORBIDDEN = Kind("forbidden", 403, "不允许这样做")
NOT_FOUND = Kind("not_found", 404, "没有找到")
METHOD_NOT_ALLOWED = Kind("method_not_allowed", 405, "不支持这种请求方法")
CONFLICT = Kind("conflict", 409, "现在不能这样做")
BODY_TOO_SLOW = Kind("body_too_slow", 408, "请求内容来得太慢")
BODY_TOO_LARGE = Kind("body_too_large", 413, "请求内容太大")
INVALID = Kind("invalid", 422, "请求内容不合要求")
CURSOR_INVALID = Kind("cursor_invalid", 422, "翻页位置无效")
TOO_MANY_REQUESTS = Kind("too_many_requests", 429, "请求太频繁")
IDEMPOTENCY_KEY_REUSED = Kind("idempotency_key_reused", 422, "这个 Idempotency-Key 已用于另一个请求")
INTERNAL_ERROR = Kind("internal_error", 500, "服务出了问题")
UNAVAILABLE = Kind("unavailable", 503, "服务暂时不可用")

BY_STATUS: Final = {
    kind.status: kind
    for kind in (
        BAD_REQUEST,
        UNAUTHORIZED,
        FORBIDDEN,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        CONFLICT,
        BODY_TOO_LARGE,
        INVALID,
    )
}
