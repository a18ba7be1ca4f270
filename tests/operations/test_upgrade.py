"""A migration that is killed half-way leaves nothing half-done: the next one begins again and ends (F15)."""

import asyncio
import secrets
import sys
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from jifen.models.database import migrate
from jifen.models.grants import GRANTS
from jifen.models.schema import schema_problems
from jifen.runtime.servers import Servers
from tests.loyalty.waiting import standing_in_the_way, until, until_blocked

PROGRAM = "import asyncio, sys; from jifen.models.database import migrate; asyncio.run(migrate(sys.argv[1]))"
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
PLACES = ("identity", "account", "notice", "stock", "check_in", "late_reply")
"""Tables at which it is stopped and killed: in the first statement of all, in the middle, in the last."""


@pytest.fixture
async def bare(servers: Servers) -> AsyncIterator[str]:
    """A database with nothing in it."""
    name = f"jifen_upgrade_{secrets.token_hex(4)}"
    connection = await asyncpg.connect(servers.database_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        yield urlsplit(servers.database_url)._replace(path=f"/{name}").geturl()
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


async def test_a_migration_killed_half_way_is_undone_and_begun_again(bare: str) -> None:
    left = []
    for place in PLACES:
        async with standing_in_the_way(bare, f"CREATE TABLE {place} (x int)") as other:
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", PROGRAM, bare)
            await until_blocked(other)
            process.kill()
            await process.wait()
            await other.execute("ROLLBACK")

            async def is_over(watch: asyncpg.Connection = other) -> bool:
                return bool(await watch.fetchval(OTHERS) == 0)

            await until(is_over, within_s=30)
            left.append(await other.fetchval(TABLES))
    assert left == [0] * len(PLACES)
    await migrate(bare)
    async with asyncpg.create_pool(bare, min_size=1, max_size=1) as pool:
        assert await schema_problems(pool) == []
        assert await pool.fetchval(TABLES) == len(GRANTS)
