"""The brittle wire itself: each fault leaves in the database what it says."""

import asyncpg
import pytest

from tests.simulation.brittle import REFUSALS, Dead, How, Wire, open_brittle_pool, until_gone
from tests.simulation.play import Table

DONE = {How.CUT_AFTER, How.DIE_AFTER}


@pytest.mark.parametrize("how", How)
async def test_what_a_struck_commit_leaves_behind(table: Table, how: How) -> None:
    wire = Wire()
    await table.eyes.execute("CREATE TABLE IF NOT EXISTS brittle_mark (code text)")
    await table.eyes.execute("TRUNCATE brittle_mark")
    expected = REFUSALS.get(how, asyncpg.ConnectionDoesNotExistError)
    async with open_brittle_pool(table.url, wire, "brittle-test") as pool:
        async with pool.acquire() as connection:
            wire.arm({3: how})
            await connection.execute("BEGIN")
            await connection.execute("INSERT INTO brittle_mark VALUES ($1)", how.name)
            with pytest.raises(expected):
                await connection.execute("COMMIT")
        assert wire.struck == 1
        if wire.died.is_set():
            with pytest.raises(Dead):
                await pool.acquire()
        else:
            assert await pool.fetchval("SELECT 1") == 1
    await until_gone(table.eyes, "brittle-test")
    codes = await table.eyes.fetch("SELECT code FROM brittle_mark")
    await table.eyes.execute("DROP TABLE brittle_mark")
    assert [row["code"] for row in codes] == ([how.name] if how in DONE else [])
