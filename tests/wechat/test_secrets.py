"""Canaries: no secret, token, session key or full URL in a log, a repr or an exception, aiohttp's included."""

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from redis.asyncio import Redis

from tests.wechat.conftest import Clock
from tests.wechat.platform import (
    APP_ID,
    OPENID,
    SECRET,
    SESSION_KEY,
    Drop,
    Misbehaviour,
    Platform,
    Raw,
    Slow,
    refusal,
)
from wechat.api import Account, ApiClient, Call
from wechat.errors import ApiError, Transient
from wechat.mini_program import MiniProgramApi
from wechat.official_account import OfficialAccountApi
from wechat.tokens import AccessToken, Grant
from wechat.transport import ApiResponse, Request

CANARIES = [SECRET, SESSION_KEY, "canary-", "access_token=", "secret=", "http://", OPENID]


def told(error: BaseException) -> str:
    """Everything a log could make of an exception, and of what it is chained to."""
    texts = ["".join(traceback.format_exception(error))]
    link: BaseException | None = error
    while link is not None:
        texts += [str(link), repr(link), repr(link.args), repr(vars(link))]
        link = link.__cause__ or link.__context__
    return "\n".join(texts)


def assert_silent(text: str) -> None:
    assert [canary for canary in CANARIES if canary in text] == []


@pytest.mark.parametrize(
    "fault",
    [
        Drop(),
        Slow(0.5),
        Raw(b"<html>", 502),
        Raw(b"\x00" * 10),
        Raw(b"{"),
        refusal(-1, f"{SECRET} canary-token-0 {OPENID}"),
        refusal(40001, f"access_token canary-token-0 of {OPENID} is invalid"),
        refusal(48001, f"secret {SECRET}"),
        refusal(45009, f"too often: canary-token-0 {SECRET}"),
        refusal(99999, f"code {SECRET} {OPENID}"),
    ],
)
@pytest.mark.parametrize("path", ["/cgi-bin/user/info", "/sns/jscode2session", "/cgi-bin/stable_token"])
async def test_failures_tell_no_secret(
    client: ApiClient, platform: Platform, caplog: pytest.LogCaptureFixture, path: str, fault: Misbehaviour
) -> None:
    caplog.set_level(logging.DEBUG, logger="aiohttp.client")
    if path == "/cgi-bin/stable_token" and isinstance(fault, dict):
        fault = refusal(fault["errcode"], f"appsecret {SECRET}")
    if path == "/sns/jscode2session" and isinstance(fault, dict):
        fault = refusal(fault["errcode"], f"canary-code {SECRET}")
    platform.always(path, fault)
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: OfficialAccountApi(client).user_info(OPENID, timeout_s=0.2),
        lambda: MiniProgramApi(client).code_to_session("canary-code"),
    ]
    with pytest.raises(ApiError) as failed:
        await calls[path == "/sns/jscode2session"]()
    assert_silent(told(failed.value))
    assert failed.value.__context__ is None or failed.value.__suppress_context__
    assert_silent(caplog.text)


@pytest.mark.parametrize(
    "base_url",
    ["http://", "http://127.0.0.1:9", "http://[::1]:9", "http://nowhere.invalid", "http://10.255.255.1"],
)
async def test_unreachable_platforms_tell_no_secret(
    http: aiohttp.ClientSession, clock: Clock, base_url: str
) -> None:
    client = ApiClient(Account(APP_ID, SECRET), http, base_url, None, clock)
    with pytest.raises(ApiError) as failed:
        await client.call(
            Call(Request("GET", "/x", {"secret": SECRET}), False, timeout_s=0.3, needs_token=False)
        )
    assert_silent(told(failed.value))


async def test_a_connection_that_comes_too_late_tells_no_secret(platform: Platform, clock: Clock) -> None:
    """aiohttp puts the whole URL into this error; it surely means that nothing was sent."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as narrow:
        client = ApiClient(Account(APP_ID, SECRET), narrow, platform.base_url, None, clock)
        platform.next("/sns/jscode2session", Slow(1.2))
        first = asyncio.create_task(MiniProgramApi(client).code_to_session("code-1"))
        await asyncio.sleep(0.1)
        request = Request("GET", "/sns/jscode2session", {"secret": SECRET})
        with pytest.raises(Transient, match="ConnectionTimeoutError") as failed:
            await client.call(Call(request, idempotent=False, timeout_s=0.2, needs_token=False))
        await first
    assert_silent(told(failed.value))
    assert platform.asked["/sns/jscode2session"] == 1


async def test_reprs_tell_no_secret(
    client: ApiClient, mini_program: MiniProgramApi, redis: Redis, platform: Platform
) -> None:
    session = await mini_program.code_to_session("code-1")
    await OfficialAccountApi(client).user_info(OPENID)
    assert await redis.get(f"wechat:{APP_ID}:token") is not None
    request = Request("POST", "/x", {"access_token": "canary-token"}, {"secret": SECRET})
    values = [
        session,
        client,
        client.account,
        mini_program,
        request,
        Call(request, idempotent=True),
        ApiResponse(b"canary-token", {"access_token": "canary-token"}),
        Grant("canary-token", 7200),
        AccessToken("canary-token", "1", 0.0, 0.0),
    ]
    assert_silent("\n".join(f"{value!r} {value}" for value in values))
    assert platform.asked["/cgi-bin/stable_token"] == 1
