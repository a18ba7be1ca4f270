"""One HTTP exchange with the platform, and whether the request may have been carried out when it fails.

The query holds the access token, so no URL may leave this module. aiohttp's errors may contain the URL, so ours are raised without
them in their chain.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import aiohttp

from wechat.errors import ApiError, OutcomeUnknown, Transient
from wechat.tolerant import decoded, read_json

_CONNECT_S: Final = 3.0
_MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request: `api` is the path; query and body may hold secrets and are not in the repr."""

    method: Literal["GET", "POST"]
    api: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, object] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """The platform's HTTP response; `fields` is set when the content is a JSON object, whatever its content type says."""

    content: bytes = field(repr=False)
    fields: dict[str, Any] | None = field(repr=False)

    @property
    def is_page(self) -> bool:
        """Whether it is HTML or XML, which the platform itself never sends."""
        return _starts_with(self.content, b"<")

    @property
    def is_image(self) -> bool:
        """Whether it is a PNG or JPEG."""
        return self.content.startswith((b"\x89PNG", b"\xff\xd8\xff"))


def _starts_with(content: bytes, sign: bytes) -> bool:
    """Whether this is the first byte behind a BOM and blanks."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(sign)


def _object(content: bytes) -> dict[str, Any] | None:
    """The JSON object, read as tolerantly as a push: a user's remark may hold any character."""
    if not _starts_with(content, b"{"):
        return None
    try:
        found = read_json(decoded(content))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def open_http(connections: int = 64) -> aiohttp.ClientSession:
    """Return the session to call the platform with, with at most so many connections; the caller closes it.

    Idle connections are closed early: a send on a connection that the other side has just closed would have an unknown outcome.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=10),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


class Transport:
    """Sends requests to one base address (`https://api.weixin.qq.com`)."""

    def __init__(self, http: aiohttp.ClientSession, base_url: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")

    async def exchange(self, request: Request, timeout_s: float) -> ApiResponse:
        """Send the request once and return the response, whatever its errcode.

        Raises Transient when the request was certainly not carried out, OutcomeUnknown when it may have been.
        """
        failure: ApiError
        try:
            async with self._request(request, timeout_s) as response:
                status = response.status
                content = await _read(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            failure = Transient(request.api, errmsg=f"no connection ({type(error).__name__})")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failure = OutcomeUnknown(request.api, errmsg=f"no answer ({type(error).__name__})")
        else:
            return _judge_status(request.api, status, content)
        raise failure

    def _request(self, request: Request, timeout_s: float) -> Any:
        body = None if request.body is None else json.dumps(request.body, ensure_ascii=False)
        return self._http.request(
            request.method,
            self._base_url + request.api,
            params=dict(request.query),
            data=None if body is None else body.encode("utf-8", "replace"),
            headers=None if body is None else {"Content-Type": "application/json; charset=utf-8"},
            allow_redirects=False,
            middlewares=(_send_once,),
            timeout=aiohttp.ClientTimeout(total=timeout_s, connect=min(_CONNECT_S, 0.8 * timeout_s)),
        )


class _BrokenConnection(aiohttp.ClientError):
    """The connection broke while we waited for the response."""


async def _send_once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Stop aiohttp from retrying a GET by itself after a broken connection: a login code works only once."""
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        name = type(error).__name__
    raise _BrokenConnection(name)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_chunked(64 * 1024):
        parts.append(part)
        size += len(part)
        if size > _MAX_ANSWER_BYTES:
            raise aiohttp.ClientPayloadError("too large")
    return b"".join(parts)


def _judge_status(api: str, status: int, content: bytes) -> ApiResponse:
    """Raise for a status other than 200, which the platform sends even with errors.

    Other statuses come from a gateway; after its 5xx the call may have been carried out.
    """
    if status == 200:
        return ApiResponse(content, _object(content))
    if status >= 500:
        raise OutcomeUnknown(api, errmsg=f"HTTP {status}")
    raise Transient(api, errmsg=f"HTTP {status}")
