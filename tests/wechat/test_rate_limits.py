"""Rate limits: pauses and counts, shared by all processes, and kept by each alone while Redis is unavailable."""

from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis

from tests.wechat.conftest import Clock
from tests.wechat.platform import APP_ID, OPENID, PNG, SECRET, Platform, refusal
from wechat.api import Account, ApiClient
from wechat.errors import RateLimited
from wechat.mini_program import MiniProgramApi
from wechat.official_account import OfficialAccountApi
from wechat.rate_limits import RateLimits
from wechat.shared import SharedState

CODE_API = "/wxa/getwxacodeunlimit"
USER_API = "/cgi-bin/user/info"


@pytest.mark.parametrize(
    ("now", "errcode", "until"),
    [
        ("2026-11-22T10:00:05", 45011, "2026-11-22T10:01:00"),
        ("2026-11-22T10:00:00", 45011, "2026-11-22T10:01:00"),
        ("2026-11-22T10:00:59.9", 44990, "2026-11-22T10:01:00"),
        ("2026-11-22T15:59:59", 45009, "2026-11-22T16:00:00"),
        ("2026-11-22T16:00:00", 45009, "2026-11-23T16:00:00"),
        ("2026-12-31T20:00:00", 45009, "2027-01-01T16:00:00"),
    ],
)
def test_until(clock: Clock, now: str, errcode: int, until: str) -> None:
    clock.at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    rate_limits = RateLimits(SharedState(None, APP_ID), clock)
    assert rate_limits.until(errcode) == datetime.fromisoformat(until).replace(tzinfo=UTC)


async def test_a_pause_holds_for_all_processes(
    official_account: OfficialAccountApi,
    http: aiohttp.ClientSession,
    platform: Platform,
    redis: Redis,
    clock: Clock,
) -> None:
    other = ApiClient(Account(APP_ID, SECRET), http, platform.base_url, redis, clock)
    platform.next(USER_API, refusal(45011))
    for api in (official_account, OfficialAccountApi(other)):
        with pytest.raises(RateLimited):
            await api.user_info(OPENID)
    assert platform.asked[USER_API] == 1
    clock.advance(55)
    assert (await OfficialAccountApi(other).user_info(OPENID)).follows


@pytest.mark.parametrize("with_redis", [True, False])
async def test_a_pause_holds_when_redis_goes_away(
    http: aiohttp.ClientSession,
    platform: Platform,
    redis: Redis,
    clock: Clock,
    tmp_path: Path,
    with_redis: bool,
) -> None:
    away: Redis = Redis(unix_socket_path=str(tmp_path / "nobody"))
    client = ApiClient(Account(APP_ID, SECRET), http, platform.base_url, redis if with_redis else away, clock)
    api = OfficialAccountApi(client)
    platform.next(USER_API, refusal(45009))
    with pytest.raises(RateLimited):
        await api.user_info(OPENID)
    await redis.flushall()
    with pytest.raises(RateLimited):
        await api.user_info(OPENID)
    assert platform.asked[USER_API] == 1
    await away.aclose()


async def test_one_users_haste_does_not_stop_the_others_from_logging_in(
    mini_program: MiniProgramApi, platform: Platform
) -> None:
    platform.next("/sns/jscode2session", refusal(45011))
    with pytest.raises(RateLimited):
        await mini_program.code_to_session("code-1")
    assert (await mini_program.code_to_session("code-2")).openid == "oM-2"


@pytest.mark.parametrize("shared", [True, False])
async def test_documented_limits_are_kept_before_the_platform_complains(
    http: aiohttp.ClientSession, platform: Platform, redis: Redis, clock: Clock, shared: bool
) -> None:
    """Two processes with Redis have one allowance, without it each has its own."""
    apis = [
        MiniProgramApi(
            ApiClient(
                Account(APP_ID, SECRET),
                http,
                platform.base_url,
                redis if shared else None,
                clock,
                calls_per_minute={CODE_API: 4},
            )
        )
        for _ in range(2)
    ]
    made = 0
    for _ in range(4):
        for api in apis:
            try:
                made += await api.code_unlimited("a", "pages/index") == PNG
            except RateLimited as limited:
                until = limited.until
    assert made == platform.asked[CODE_API] == (4 if shared else 8)
    if shared:
        assert until == datetime(2026, 11, 22, 10, 1, tzinfo=UTC)
    clock.advance(60)
    assert await apis[0].code_unlimited("a", "pages/index") == PNG


async def test_garbage_under_our_key_pauses_nothing(
    official_account: OfficialAccountApi, redis: Redis
) -> None:
    await redis.set(f"wechat:{APP_ID}:pause:{USER_API}", "soon")
    assert (await official_account.user_info(OPENID)).follows
