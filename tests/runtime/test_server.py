"""Health, readiness and metrics as operators and their monitors see them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from base.clock import SystemClock
from embedded import embedded_servers
from models.schema import SchemaIncomplete
from runtime.listening import listening
from runtime.resources import open_resources
from runtime.server import create_server
from tests.conftest import run_sql
from tests.house import House, made_up_settings


async def get(house: House, path: str) -> tuple[int, dict[str, object]]:
    async with house.http.get(house.server_url + path) as answer:
        return answer.status, await answer.json()


async def test_alive_and_ready(house: House) -> None:
    assert await get(house, "/healthz") == (200, {"status": "ok"})
    assert await get(house, "/readyz") == (200, {"status": "ready"})


WALL = "ALTER TABLE stock ADD CONSTRAINT stock_taken_check CHECK (taken >= 0 AND taken <= stocked)"


async def test_a_missing_wall_makes_the_server_unready(house: House) -> None:
    await house.resources.pool.execute("ALTER TABLE stock DROP CONSTRAINT stock_taken_check")
    try:
        assert await get(house, "/readyz") == (503, {"status": "not_ready", "missing": ["migrations"]})
    finally:
        await house.resources.pool.execute(WALL)
    assert (await get(house, "/readyz"))[0] == 200


async def test_nobody_starts_on_a_database_without_its_walls(
    migrated_url: str, redis_url: str, tmp_path: Path
) -> None:
    run_sql(migrated_url, "ALTER TABLE stock DROP CONSTRAINT stock_taken_check")
    try:
        with pytest.raises(SchemaIncomplete, match="stock_taken_check"):
            async with open_resources(made_up_settings(migrated_url, redis_url, tmp_path), SystemClock()):
                raise AssertionError("opened all the same")
    finally:
        run_sql(migrated_url, WALL)


DEGRADED = (200, {"status": "ready", "degraded": ["redis"]})


async def test_without_redis_the_server_is_ready_and_says_what_it_lacks(house: House) -> None:
    """It still answers members, so nobody may take it out of the load balancer."""
    async with Redis.from_url("unix:///nowhere/redis.sock") as away, served(house, away):
        assert await get(house, "/readyz") == DEGRADED
        assert (await get(house, "/healthz"))[0] == 200


async def test_readiness_does_not_wait_for_a_redis_that_accepts_and_never_answers(house: House) -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    async with (
        silent,
        Redis.from_url(f"redis://127.0.0.1:{port}", socket_timeout=2.0) as mute,
        served(house, mute),
    ):
        began = asyncio.get_running_loop().time()
        assert await get(house, "/readyz") == DEGRADED
        assert asyncio.get_running_loop().time() - began < 1.5


async def test_a_full_redis_is_told_by_readiness_and_metric(house: House, own_redis: str) -> None:
    async with Redis.from_url(own_redis) as full, served(house, full):
        assert await get(house, "/readyz") == (200, {"status": "ready"})
        await full.config_set("maxmemory-policy", "noeviction")
        await full.config_set("maxmemory", "1")
        assert await full.ping(), "it answers, and takes no write"
        assert await get(house, "/readyz") == DEGRADED


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[str]:
    """A Redis of this test alone."""
    with embedded_servers(tmp_path / "own", postgres=False, temporary=True) as servers:
        yield servers.redis_url


@asynccontextmanager
async def served(house: House, redis: Redis) -> AsyncIterator[None]:
    """The house's server, with another Redis."""
    bereft = create_server(replace(house.resources, redis=redis))
    async with listening(bereft, "127.0.0.1", 0) as port:
        house.server_url = f"http://127.0.0.1:{port}"
        yield


@pytest.mark.parametrize("line", [b"OPTIONS * HTTP/1.1", b"GET http://x HTTP/1.1", b"GET //// HTTP/1.1"])
async def test_odd_request_targets_are_no_fault_of_ours(house: House, line: bytes) -> None:
    host, port = house.server_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as wire:
        wire.sendall(line + b"\r\nHost: x\r\nConnection: close\r\n\r\n")
        wire.settimeout(5)
        status = await _first_line(wire)
    assert b" 500 " not in status


async def _first_line(wire: socket.socket) -> bytes:
    return (await asyncio.to_thread(wire.recv, 4096)).split(b"\r\n")[0]


def counted(name: str, **labels: str) -> float:
    """What this process has counted so far."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_responses_are_counted_by_entry_point_and_not_shown_on_the_public_port(house: House) -> None:
    refused = counted("jifen_http_seconds_count", entry_point="api", status="401")
    async with house.http.get(house.server_url + "/api/v1/me") as answer:
        assert answer.status == 401
    assert counted("jifen_http_seconds_count", entry_point="api", status="401") == refused + 1
    async with house.http.get(house.server_url + "/metrics") as answer:
        assert answer.status == 404
