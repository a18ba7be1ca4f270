"""Migrating: twice is once, and of two at once one does the work."""

import asyncio
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from jifen.models.database import migrate, open_database
from jifen.models.schema import EXPECTED, schema_problems
from jifen.runtime.servers import Servers

APPLIED = "SELECT string_agg(m::text, ' ' ORDER BY id) FROM tortoise_migrations m"


@pytest.fixture
async def bare_url(servers: Servers) -> AsyncIterator[str]:
    """A database with nothing in it."""
    name = f"jifen_bare_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(servers.database_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        yield urlsplit(servers.database_url)._replace(path=f"/{name}").geturl()
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


async def looks(url: str) -> tuple[list[str], str]:
    async with open_database(url, pool_size=2) as pool:
        return await schema_problems(pool), await pool.fetchval(APPLIED)


async def test_a_bare_database_lacks_everything(bare_url: str) -> None:
    async with open_database(bare_url, pool_size=2) as pool:
        assert await schema_problems(pool) == sorted(EXPECTED)


async def test_migrating_twice_is_migrating_once(bare_url: str) -> None:
    await migrate(bare_url)
    first = await looks(bare_url)
    await migrate(bare_url)
    assert await looks(bare_url) == first
    assert first[0] == []


async def test_two_processes_migrate_at_once(bare_url: str) -> None:
    program = (
        "import asyncio, sys; from jifen.models.database import migrate; asyncio.run(migrate(sys.argv[1]))"
    )
    running = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", program, bare_url, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    answers = [await process.communicate() for process in running]
    assert [(process.returncode, answer[1]) for process, answer in zip(running, answers, strict=True)] == [
        (0, b"")
    ] * 2
    problems, applied = await looks(bare_url)
    assert problems == []
    assert applied.count("m0001_ledger") == 1
