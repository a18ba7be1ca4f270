"""A migration that is killed half-way leaves nothing half-done: the next one begins again and ends (F15)."""

import asyncpg

from loyalty.schema import GRANTS, SCHEMA
from models.database import migrate
from models.schema import schema_problems
from tests.loyalty.waiting import standing_in_the_way, until, until_blocked
from tests.models.migrating import start_migrating

TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
PLACES = ("identity", "account", "notice", "stock", "check_in", "late_reply")
"""Tables at which it is stopped and killed: in the first statement of all, in the middle, in the last."""


async def test_a_migration_killed_half_way_is_undone_and_begun_again(bare_url: str) -> None:
    left = []
    for place in PLACES:
        async with standing_in_the_way(bare_url, f"CREATE TABLE {place} (x int)") as other:
            process = await start_migrating(bare_url)
            await until_blocked(other)
            process.kill()
            await process.wait()
            await other.execute("ROLLBACK")

            async def is_over(watch: asyncpg.Connection = other) -> bool:
                return bool(await watch.fetchval(OTHERS) == 0)

            await until(is_over, within_s=30)
            left.append(await other.fetchval(TABLES))
    assert left == [0] * len(PLACES)
    await migrate(bare_url)
    async with asyncpg.create_pool(bare_url, min_size=1, max_size=1) as pool:
        assert await schema_problems(pool, SCHEMA) == []
        assert await pool.fetchval(TABLES) == len(GRANTS)
