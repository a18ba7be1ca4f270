"""The servers every test shares: a real PostgreSQL and a real Redis, embedded unless given by URL.

JIFEN_TEST_DATABASE_URL and JIFEN_TEST_REDIS_URL name servers to use instead; the user in the former must be
allowed to create databases. With JIFEN_TEST_CITUS_WORKERS they span a Citus cluster (see `cluster`).
"""

import asyncio
import contextlib
import gc
import os
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import asyncpg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from base.logs import without_values
from channels import windows
from embedded import Servers, embedded_servers
from models.database import migrate
from tests import cluster
from tests.ledger import Ledger, open_ledger
from tests.once import ask_for_types_once, describe_models_once, handle_interrupts_once
from tests.warm import warm_connection

if TYPE_CHECKING:
    from tests.house import House


structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        without_values,
        structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
)
"""What is logged is printed, and pytest shows it with a failure; tracebacks drawn with all values would take seconds each."""

settings.register_profile("jifen", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("jifen")
"""How long an example takes depends on what else the machine does, so it fails no test."""


SLOW_FOLDERS = ("bench", "embedded", "faults", "flows", "operations")
"""Folders whose tests start servers and programs of their own, or play for months."""
SLOW_MARKS = ("browser", "soak")
LONGEST = "test_crowd.py"
"""Its tests run first: while they last, the other workers have enough to do, and no processor stands idle at the end."""


@pytest.hookimpl(tryfirst=True)  # before `-m` selects by the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what stands in one of the SLOW_FOLDERS or has one of the SLOW_MARKS, and begin with what takes longest."""
    folders = tuple(f"{Path(__file__).parent / name}/" for name in SLOW_FOLDERS)
    for item in items:
        if str(item.path).startswith(folders) or any(item.get_closest_marker(mark) for mark in SLOW_MARKS):
            item.add_marker("slow")
    items.sort(key=lambda item: item.path.name != LONGEST)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: many a test waits for programs that it started, and leaves its own to the others."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def once() -> Iterator[None]:
    """See `tests.once`."""
    with pytest.MonkeyPatch.context() as patch, handle_interrupts_once():
        describe_models_once(patch)
        ask_for_types_once(patch)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection() -> None:
    """Collect no garbage while tests are collected, of which nothing is any; it takes a sixth of that time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Leave out of every garbage collection what lives until the end: modules, and the tests themselves."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Servers]:
    """Return the servers of this test run, which all its workers share; the last worker stops them."""
    database_url = os.environ.get("JIFEN_TEST_DATABASE_URL", "")
    redis_url = os.environ.get("JIFEN_TEST_REDIS_URL", "")
    if database_url and redis_url:
        yield Servers(database_url, redis_url)
        return
    base = tmp_path_factory.getbasetemp()
    with embedded_servers(
        (base if worker_id == "master" else base.parent) / "servers",
        postgres=not database_url,
        redis=not redis_url,
        fsync=False,
        temporary=True,
    ) as ours:
        yield Servers(database_url or ours.database_url, redis_url or ours.redis_url)


@pytest.fixture(scope="session")
def redis_url(servers: Servers, worker_id: str) -> str:
    """Return the address of this worker's own database of the shared Redis."""
    number = 0 if worker_id == "master" else int(worker_id.removeprefix("gw")) + 1
    return f"{servers.redis_url}?db={number}"


@pytest.fixture(scope="session")
def database_url(servers: Servers, worker_id: str) -> Iterator[str]:
    """Return the address of a new, empty database that belongs to this worker alone."""
    with empty_database(servers, worker_id) as url:
        yield url


@pytest.fixture
def bare_url(servers: Servers, worker_id: str) -> Iterator[str]:
    """Return the address of a new, empty database that belongs to one test alone."""
    with empty_database(servers, f"{worker_id}_bare") as url:
        yield url


@pytest.fixture(scope="session")
def migrated_url(database_url: str) -> Iterator[str]:
    """Return the address of this worker's database with all migrations applied, and a warm connection."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, migrate(database_url, shards=cluster.shards())).result()
    with warm_connection(database_url):
        yield database_url


@pytest.fixture
async def ledger(migrated_url: str) -> AsyncIterator[Ledger]:
    """An engine on an emptied database with the demo's rules, and a clock that stands still until moved."""
    async with open_ledger(migrated_url) as opened:
        yield opened


@pytest.fixture
def unused_tcp_port() -> int:
    """A free port below those that the system gives to outgoing connections, so that none of these takes it meanwhile."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@pytest.fixture
async def house(
    migrated_url: str, redis_url: str, tmp_path: Path, unused_tcp_port: int, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator["House"]:
    """Server, emulator and everything beneath them, on one clock. A busy machine is no reason to take Redis for away."""
    from tests.house import open_house

    monkeypatch.setattr(windows, "REDIS_TIMEOUT_S", 2.0)
    async with open_house(migrated_url, redis_url, tmp_path, unused_tcp_port) as opened:
        yield opened


@contextlib.contextmanager
def empty_database(servers: Servers, whose: str) -> Iterator[str]:
    """A database with nothing in it; its address."""
    name = f"jifen_test_{whose}_{secrets.token_hex(4)}"
    run_sql(servers.database_url, f"CREATE DATABASE {name}")
    url = urlsplit(servers.database_url)._replace(path=f"/{name}").geturl()
    cluster.span(url, run_sql)
    yield url
    run_sql(servers.database_url, f"DROP DATABASE {name} WITH (FORCE)")
    cluster.drop(url, run_sql)


def run_sql(url: str, statement: str) -> object:
    """Run one statement on a connection of its own and return the first value of its first row.

    In a thread, so that no event loop of the tests is touched.
    """

    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, run()).result()
