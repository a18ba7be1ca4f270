"""Migrating: twice is once, and of two at once one does the work."""

from jifen.models.database import migrate, open_database
from jifen.models.schema import EXPECTED, schema_problems
from tests.models.migrating import start_migrating

APPLIED = "SELECT string_agg(m::text, ' ' ORDER BY id) FROM tortoise_migrations m"


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
    running = [await start_migrating(bare_url) for _ in range(2)]
    answers = [await process.communicate() for process in running]
    assert [(process.returncode, answer[1]) for process, answer in zip(running, answers, strict=True)] == [
        (0, b"")
    ] * 2
    problems, applied = await looks(bare_url)
    assert problems == []
    assert applied.count("m0001_ledger") == 1
