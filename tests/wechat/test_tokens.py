"""One token for everybody, fetched once; counted on the wire."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis

from tests.wechat.conftest import Clock
from tests.wechat.platform import APP_ID, OPENID, SECRET, Drop, Platform, Raw, Slow, refusal
from wechat.api import Account, ApiClient
from wechat.errors import Misconfigured, RateLimited, TokenRejected, Transient
from wechat.official_account import OfficialAccountApi

TOKEN_API = "/cgi-bin/stable_token"
USER_API = "/cgi-bin/user/info"
SEND_API = "/cgi-bin/message/custom/send"


def another(http: aiohttp.ClientSession, platform: Platform, redis: Redis | None, clock: Clock) -> ApiClient:
    """A client as a second process would have it."""
    return ApiClient(Account(APP_ID, SECRET), http, platform.base_url, redis, clock)


async def test_a_token_is_used_until_five_minutes_are_left(
    official_account: OfficialAccountApi, platform: Platform, clock: Clock
) -> None:
    await official_account.user_info(OPENID)
    clock.advance(6899)
    await official_account.user_info(OPENID)
    assert platform.asked[TOKEN_API] == 1
    clock.advance(1)
    await official_account.user_info(OPENID)
    assert platform.asked[TOKEN_API] == 2


async def test_twenty_calls_at_the_start_fetch_one_token(
    official_account: OfficialAccountApi, platform: Platform
) -> None:
    platform.next(TOKEN_API, Slow(0.1))
    await asyncio.gather(*(official_account.user_info(OPENID) for _ in range(20)))
    assert (platform.asked[TOKEN_API], platform.asked[USER_API]) == (1, 20)


async def test_twenty_calls_with_an_expired_token_fetch_one(
    official_account: OfficialAccountApi, platform: Platform
) -> None:
    await official_account.user_info(OPENID)
    platform.revoke_token()
    platform.next(TOKEN_API, Slow(0.1))
    await asyncio.gather(*(official_account.user_info(OPENID) for _ in range(20)))
    assert (platform.asked[TOKEN_API], platform.asked[USER_API]) == (2, 1 + 20 + 20)


async def test_two_processes_fetch_one_token(
    http: aiohttp.ClientSession, platform: Platform, redis: Redis, clock: Clock
) -> None:
    platform.next(TOKEN_API, Slow(0.2))
    clients = [another(http, platform, redis, clock) for _ in range(2)]
    apis = [OfficialAccountApi(client) for client in clients]
    await asyncio.gather(*(api.user_info(OPENID) for api in apis for _ in range(5)))
    assert platform.asked[TOKEN_API] == 1
    platform.revoke_token()
    await asyncio.gather(*(api.user_info(OPENID) for api in apis for _ in range(5)))
    assert platform.asked[TOKEN_API] == 2
    assert len({json.dumps(query) for query in platform.queries[USER_API]}) == 2


async def test_a_refused_token_is_reloaded_once_and_the_call_repeated_once(
    official_account: OfficialAccountApi, platform: Platform
) -> None:
    await official_account.send_custom_text(OPENID, "一")
    platform.revoke_token()
    await official_account.send_custom_text(OPENID, "二")
    assert (platform.asked[TOKEN_API], platform.asked[SEND_API]) == (2, 3)


@pytest.mark.parametrize("errcode", [40001, 40014, 41001, 42001, "42001"])
@pytest.mark.parametrize("api", [USER_API, SEND_API])
async def test_a_token_refused_for_ever_ends_after_one_repeat(
    official_account: OfficialAccountApi, platform: Platform, errcode: int | str, api: str
) -> None:
    platform.always(api, refusal(errcode))
    with pytest.raises(TokenRejected) as refused:
        await (
            official_account.user_info(OPENID)
            if api == USER_API
            else official_account.send_custom_text(OPENID, "一")
        )
    assert refused.value.errcode == int(errcode)
    assert (platform.asked[TOKEN_API], platform.asked[api]) == (2, 2)


async def test_a_refused_token_costs_one_reload_however_many_other_failures_follow(
    official_account: OfficialAccountApi, platform: Platform
) -> None:
    platform.next(USER_API, refusal(40001), refusal(-1), refusal(40001), refusal(40001))
    with pytest.raises(TokenRejected):
        await official_account.user_info(OPENID)
    assert (platform.asked[TOKEN_API], platform.asked[USER_API]) == (2, 3)


async def test_a_token_granted_for_its_last_minutes_is_used_a_little(
    official_account: OfficialAccountApi, platform: Platform, clock: Clock
) -> None:
    platform.expires_in = 300
    for _ in range(5):
        await official_account.user_info(OPENID)
    assert platform.asked[TOKEN_API] == 1
    clock.advance(10)
    await official_account.user_info(OPENID)
    assert platform.asked[TOKEN_API] == 2


async def test_while_the_platform_fails_the_token_in_use_stays(
    official_account: OfficialAccountApi, platform: Platform, clock: Clock
) -> None:
    await official_account.user_info(OPENID)
    clock.advance(7000)
    platform.always(TOKEN_API, refusal(-1))
    assert (await official_account.user_info(OPENID)).follows
    asked = platform.asked[TOKEN_API]
    assert (await official_account.user_info(OPENID)).follows
    assert platform.asked[TOKEN_API] == asked
    clock.advance(200)
    with pytest.raises(Transient):
        await official_account.user_info(OPENID)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(40125), Misconfigured),
        (refusal(40001), Misconfigured),
        (refusal(40164), Misconfigured),
        (refusal(40243), Misconfigured),
        (refusal(45009), RateLimited),
        (refusal(-1), Transient),
        (Raw(b"<html>", 502), Transient),
        (Raw(b"<html>"), Transient),
        (Raw(b"{"), Transient),
        (Drop(), Transient),
        ({"access_token": "", "expires_in": 7200}, Transient),
        ({"access_token": ["a"], "expires_in": 7200}, Transient),
        ({"access_token": "a", "expires_in": "7200"}, Transient),
        ({"access_token": "a", "expires_in": -1}, Transient),
        ({"access_token": "a", "expires_in": 10**9}, Transient),
        ({}, Transient),
    ],
)
async def test_no_token(
    official_account: OfficialAccountApi,
    platform: Platform,
    answer: dict[str, object],
    error: type[Exception],
) -> None:
    """Without a token nothing is sent, so that a send may be tried again."""
    platform.always(TOKEN_API, answer)
    with pytest.raises(error):
        await official_account.send_custom_text(OPENID, "一")
    assert platform.asked[SEND_API] == 0


async def test_a_slow_token_does_not_outlast_the_callers_patience(
    official_account: OfficialAccountApi, platform: Platform
) -> None:
    platform.next(TOKEN_API, Slow(1.5))
    began = asyncio.get_running_loop().time()
    with pytest.raises(Transient, match="no access token in time"):
        await official_account.user_info(OPENID, timeout_s=0.1)
    assert asyncio.get_running_loop().time() - began < 1.2
    await official_account.user_info(OPENID)
    assert platform.asked[TOKEN_API] == 1


async def test_a_cancelled_caller_does_not_take_the_others_token_away(
    official_account: OfficialAccountApi, platform: Platform
) -> None:
    platform.next(TOKEN_API, Slow(0.2))
    first = asyncio.create_task(official_account.user_info(OPENID))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(official_account.user_info(OPENID))
    await asyncio.sleep(0.05)
    first.cancel()
    assert (await second).follows
    assert platform.asked[TOKEN_API] == 1


async def test_closing_ends_a_renewal(client: ApiClient, platform: Platform) -> None:
    platform.next(TOKEN_API, Slow(1.0))
    call = asyncio.create_task(OfficialAccountApi(client).user_info(OPENID))
    await asyncio.sleep(0.1)
    await client.close()
    with pytest.raises(asyncio.CancelledError):
        await call


@pytest.mark.parametrize(
    "kept", ["", "garbage", "[]", "{}", '{"token": 1, "serial": 1, "renew_at": "x", "expires_at": 0}']
)
async def test_garbage_in_redis_is_no_token(
    official_account: OfficialAccountApi, platform: Platform, redis: Redis, kept: str
) -> None:
    await redis.set(f"wechat:{APP_ID}:token", kept)
    assert (await official_account.user_info(OPENID)).follows
    assert platform.asked[TOKEN_API] == 1


async def test_a_lock_left_by_a_dead_process_is_waited_out(
    official_account: OfficialAccountApi, platform: Platform, redis: Redis
) -> None:
    await redis.set(f"wechat:{APP_ID}:token-lock", "dead", px=400)
    assert (await official_account.user_info(OPENID)).follows
    assert platform.asked[TOKEN_API] == 1
    assert await redis.get(f"wechat:{APP_ID}:token-lock") is None


async def test_a_lock_is_released_by_its_owner_only(
    official_account: OfficialAccountApi, platform: Platform, redis: Redis
) -> None:
    platform.next(TOKEN_API, Slow(0.3))
    call = asyncio.create_task(official_account.user_info(OPENID))
    while platform.asked[TOKEN_API] == 0:  # noqa: ASYNC110  # the lock is held while the platform is asked
        await asyncio.sleep(0.005)
    await redis.set(f"wechat:{APP_ID}:token-lock", "somebody else", px=5000)
    await call
    assert await redis.get(f"wechat:{APP_ID}:token-lock") == b"somebody else"


async def test_the_token_leaves_redis_when_it_expires(
    official_account: OfficialAccountApi, redis: Redis
) -> None:
    await official_account.user_info(OPENID)
    assert 7000 < await redis.ttl(f"wechat:{APP_ID}:token") <= 7200


@pytest.mark.parametrize("how", ["none", "away"])
async def test_without_redis_each_process_asks_for_itself(
    http: aiohttp.ClientSession, platform: Platform, clock: Clock, tmp_path: Path, how: str
) -> None:
    redis: Redis | None = None if how == "none" else Redis(unix_socket_path=str(tmp_path / "nobody"))
    for _ in range(2):
        client = another(http, platform, redis, clock)
        api = OfficialAccountApi(client)
        await asyncio.gather(*(api.user_info(OPENID) for _ in range(10)))
        await client.close()
    assert platform.asked[TOKEN_API] == 2
    if redis is not None:
        await redis.aclose()


async def test_a_silent_redis_delays_only_once(
    http: aiohttp.ClientSession, platform: Platform, clock: Clock, tmp_path: Path
) -> None:
    """A Redis that accepts and never answers is as good as none, after half a second."""
    silence = asyncio.Event()
    socket = tmp_path / "silent"

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silence.wait()
        writer.close()

    server = await asyncio.start_unix_server(accept, socket)
    redis: Redis = Redis(unix_socket_path=str(socket))
    client = another(http, platform, redis, clock)
    began = asyncio.get_running_loop().time()
    for _ in range(8):
        await OfficialAccountApi(client).user_info(OPENID)
    assert asyncio.get_running_loop().time() - began < 3
    silence.set()
    await redis.aclose()
    await client.close()
    server.close()
    await server.wait_closed()
