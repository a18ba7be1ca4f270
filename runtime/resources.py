"""Opens and closes the resources of server and worker in one place: database, Redis, WeChat clients, engine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import asyncpg
from aiohttp import web
from pydantic import SecretStr
from redis.asyncio import Redis
from redis.exceptions import RedisError

from base import gauges
from base.checked_clock import CheckedClock
from base.clock import Clock, ClockOff
from base.ending import end_tasks
from base.settings import Settings, SettingsError
from channels.unionids import Unionids
from channels.windows import Windows
from loyalty.directory import Directory
from loyalty.engine.engine import LANES, Engine
from loyalty.opening import open_engine
from loyalty.schema import SCHEMA
from models.database import open_database, open_pool
from models.schema import SchemaIncomplete, schema_problems
from wechat.api import Account, ApiClient
from wechat.mini_program import MiniProgramApi
from wechat.official_account import OfficialAccountApi
from wechat.transport import open_http


@dataclass(frozen=True)
class Resources:
    """The open resources of a process, handed to handlers and jobs; `open_resources` closes them."""

    settings: Settings
    clock: CheckedClock
    zone: ZoneInfo
    pool: asyncpg.Pool
    redis: Redis
    engine: Engine
    directory: Directory
    windows: Windows
    official_account: OfficialAccountApi
    mini_program: MiniProgramApi
    unionids: Unionids


SAMPLE_S = 1.0
LOGIN_CONNECTIONS = 16
"""Connections to WeChat for logins: anybody can cause these, and must not hold up what members wait for."""
WATCH_TIMEOUT_S = 5.0
WATCH_REDIS_S = 5.0
REDIS_TIMEOUT_S = 0.5
PROBE_KEY = "jifen:probe"

RESOURCES = web.AppKey("resources", Resources)


@asynccontextmanager
async def open_resources(settings: Settings, clock: Clock, *, lanes: int = LANES) -> AsyncIterator[Resources]:
    """Open all resources, and close them in the opposite order. The engine runs up to `lanes` transactions at a time.

    `settings` must name a database and a Redis. Raises SettingsError when an account at WeChat is not set, SchemaIncomplete,
    ClockOff, and DBConnectionError or OSError when the database is unavailable. Redis may be unavailable, because it is connected
    when first used.
    """
    database_url, redis_url = settings.database_url, settings.redis_url
    if database_url is None or redis_url is None:
        raise SettingsError(["JIFEN_DATABASE_URL 和 JIFEN_REDIS_URL 没有设置，也没有启动自带的服务。"])
    official_account, mini_program = _accounts(settings)
    lanes = min(lanes, settings.database_pool // 2)
    async with (
        open_database(database_url, pool_size=settings.database_pool - lanes) as pool,
        Redis.from_url(redis_url, socket_timeout=2.0, socket_connect_timeout=2.0) as redis,
        open_http() as http,
        open_http(LOGIN_CONNECTIONS) as login_http,
        open_pool(database_url, size=lanes) as lane_pool,
        open_engine(
            pool,
            clock,
            settings.timezone,
            settings.keyring,
            clock_tolerance=settings.clock_tolerance,
            lanes=lanes,
            lane_pool=lane_pool,
        ) as engine,
    ):
        if problems := await schema_problems(pool, SCHEMA):
            raise SchemaIncomplete(
                f"数据库结构不完整，缺少或不是应有的样子：{'、'.join(problems)}；请先运行 jifen migrate。"
            )
        await engine.check_clock()
        oa_client = ApiClient(official_account, http, settings.wechat_api_base, redis, clock.now)
        mini_client = ApiClient(mini_program, http, settings.wechat_api_base, redis, clock.now)
        login_client = ApiClient(mini_program, login_http, settings.wechat_api_base, redis, clock.now)
        account = OfficialAccountApi(oa_client)
        unionids = Unionids(pool, engine, account)
        watching = [
            asyncio.create_task(work) for work in (_sample(pool), _watch_clock(engine), _watch_redis(redis))
        ]
        try:
            yield Resources(
                settings, engine.clock, settings.timezone, pool, redis, engine, Directory(pool, settings.timezone),
                Windows(redis), account, MiniProgramApi(mini_client, login_client), unionids,
            )  # fmt: skip
        finally:
            await end_tasks(watching)
            await unionids.aclose()
            await oa_client.close()
            await mini_client.close()


async def _sample(pool: asyncpg.Pool) -> None:
    """Set the metrics of the connection pool every SAMPLE_S, until cancelled."""
    while True:
        idle = pool.get_idle_size()
        gauges.database_connections(pool.get_size() - idle, idle)
        await asyncio.sleep(SAMPLE_S)


async def _watch_clock(engine: Engine) -> None:
    """Compare the clock with the database's every SAMPLE_S, until cancelled, so that an idle process knows of it, too."""
    while True:
        await asyncio.sleep(SAMPLE_S)
        with suppress(ClockOff, OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with asyncio.timeout(WATCH_TIMEOUT_S):
                await engine.check_clock()


async def _watch_redis(redis: Redis) -> None:
    """Set the metric of Redis every WATCH_REDIS_S, until cancelled."""
    while True:
        gauges.redis_works(await redis_works(redis))
        await asyncio.sleep(WATCH_REDIS_S)


async def redis_works(redis: Redis) -> bool:
    """Whether Redis takes a write within REDIS_TIMEOUT_S: one that is away, silent, full or read-only does not."""
    try:
        async with asyncio.timeout(REDIS_TIMEOUT_S):
            return bool(await redis.set(PROBE_KEY, b"1", ex=60))
    except (RedisError, OSError, TimeoutError):
        return False


def _accounts(settings: Settings) -> tuple[Account, Account]:
    needed = ("oa_app_id", "oa_app_secret", "oa_token", "miniapp_app_id", "miniapp_app_secret")
    missing = [f"JIFEN_{name.upper()}" for name in needed if getattr(settings, name) is None]
    if missing:
        raise SettingsError([f"{name} 没有设置，请到微信公众平台查看后填写。" for name in missing])
    return (
        _account(settings.oa_app_id, settings.oa_app_secret),
        _account(settings.miniapp_app_id, settings.miniapp_app_secret),
    )


def _account(app_id: str | None, secret: SecretStr | None) -> Account:
    return Account(app_id or "", secret.get_secret_value() if secret else "")
