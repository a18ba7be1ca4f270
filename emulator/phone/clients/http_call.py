"""One HTTP call and its two ways to fail.

CallFailed ├── Unreachable   no answer, or not in time
           └── Refused       an answer with a status of 4xx or 5xx; the message is the problem's title and detail
"""

from collections.abc import Mapping
from typing import Any, Literal

import httpx

Json = dict[str, Any]
Method = Literal["GET", "POST", "PUT"]

_BY_STATUS = {401: "登录已过期，请重试", 404: "没有找到这一项", 429: "操作太频繁，请稍后再试"}


class CallFailed(Exception):
    """A call failed; `str()` is a Chinese sentence for the page."""


class Unreachable(CallFailed):
    """The connection failed or timed out."""

    def __init__(self) -> None:
        super().__init__("服务还没有启动，稍后再试")


class Refused(CallFailed):
    """The server refused: HTTP `status`, stable `code`, and the whole `problem` (RFC 9457)."""

    def __init__(self, status: int, problem: Json) -> None:
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code", ""))
        fallback = _BY_STATUS.get(
            status, "服务开小差了，请稍后再试" if status >= 500 else "没有成功，请再试一次"
        )
        sentences = [str(problem[part]) for part in ("title", "detail") if problem.get(part)]
        super().__init__("\n".join(sentences) or fallback)


def open_client() -> httpx.AsyncClient:
    """A client for services on this machine; it ignores the proxies of the environment."""
    return httpx.AsyncClient(timeout=httpx.Timeout(20.0, connect=3.0), trust_env=False)


async def call(
    client: httpx.AsyncClient,
    method: Method,
    url: str,
    *,
    body: Json | None = None,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> httpx.Response:
    """The answer, if its status is below 400. Raises Unreachable and Refused."""
    try:
        answer = await client.request(method, url, json=body, params=params, headers=headers)
    except httpx.TransportError as error:
        raise Unreachable from error
    if answer.is_error:
        raise Refused(answer.status_code, _problem(answer))
    return answer


def _problem(answer: httpx.Response) -> Json:
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}
