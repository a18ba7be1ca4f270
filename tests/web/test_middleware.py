"""The middleware of the JSON APIs, with handlers that fail in every way."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from multidict import CIMultiDictProxy
from tortoise.exceptions import DBConnectionError

from loyalty.engine.transactions import EngineUnavailable
from web.middleware import api_middleware

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def failing(error: BaseException) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        raise error

    return handler


async def ask(
    handler: Handler, method: str = "GET", **headers: str
) -> tuple[int, CIMultiDictProxy[str], dict[str, object]]:
    app = web.Application(middlewares=[api_middleware])
    app.router.add_get("/", handler)
    async with TestClient(TestServer(app)) as client, client.request(method, "/", headers=headers) as answer:
        return answer.status, answer.headers, await answer.json(content_type="application/problem+json")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (EngineUnavailable("postgresql://user:password@host"), 503, "unavailable"),
        (DBConnectionError("postgresql://user:password@host"), 503, "unavailable"),
        (ConnectionRefusedError("10.0.0.1"), 503, "unavailable"),
        (TimeoutError(), 503, "unavailable"),
        (asyncpg.CrashShutdownError("the server was killed"), 503, "unavailable"),
        (asyncpg.DiskFullError("secret path"), 503, "unavailable"),
        (asyncpg.InternalClientError("cannot switch to state 12"), 503, "unavailable"),
        (asyncpg.UniqueViolationError("secret"), 500, "internal_error"),
        (KeyError("secret"), 500, "internal_error"),
        (RecursionError(), 500, "internal_error"),
        (web.HTTPRequestEntityTooLarge(1, 2), 413, "body_too_large"),
        (web.HTTPGone(), 410, "http_410"),
        (web.HTTPBadRequest(text="token=abc"), 400, "bad_request"),
    ],
)
async def test_every_error_in_one_shape(error: Exception, status: int, code: str) -> None:
    answered, headers, body = await ask(failing(error))
    assert (answered, body["code"], body["status"]) == (status, code, status)
    assert body["title"]
    for secret in ("password", "secret", "10.0.0.1", "token=abc"):
        assert secret not in str(body)
    assert ("Retry-After" in headers) == (status == 503)


async def test_headers_of_every_answer() -> None:
    _, headers, body = await ask(failing(KeyError("x")))
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Request-Id"] == body["request_id"]


@pytest.mark.parametrize(
    ("offered", "kept"), [("abcd-1234", True), ("short", False), ("a" * 65, False), ("a b c d e f", False)]
)
async def test_request_ids(offered: str, kept: bool) -> None:
    _, headers, _ = await ask(failing(KeyError("x")), **{"X-Request-Id": offered})
    assert (headers["X-Request-Id"] == offered) is kept


async def test_a_method_that_is_not_there() -> None:
    status, headers, body = await ask(failing(KeyError("x")), method="POST")
    assert (status, body["code"]) == (405, "method_not_allowed")
    assert headers["Allow"] == "GET,HEAD"


async def test_nothing_of_a_request_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    await ask(failing(OSError("openid-o123")), Authorization="Bearer canary-token")
    await ask(failing(KeyError("openid-o123")), Cookie="canary-cookie")
    logged = "".join(capsys.readouterr())
    assert "unavailable" in logged
    assert "request_failed" in logged
    assert "canary" not in logged
    assert "openid-o123" not in logged
