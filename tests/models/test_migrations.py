"""Migrating: twice is once, and of two at once one does the work."""

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path

import pytest
import pytest_asyncio
from tortoise.migrations.operations import Operation, RunPython, RunSQL

from embedded import Servers
from loyalty.schema import SCHEMA
from models import migrations
from models.database import migrate, open_database
from models.migrations import (
    m0001_ledger,
    m0002_waiting_notices,
    m0003_silent_members,
    m0004_fewer_pages,
)
from models.schema import schema_problems
from tests.conftest import empty_database
from tests.models.migrating import start_migrating

APPLIED = "SELECT string_agg(m::text, ' ' ORDER BY id) FROM tortoise_migrations m"


async def looks(url: str) -> tuple[list[str], str]:
    async with open_database(url, pool_size=2) as pool:
        return await schema_problems(pool, SCHEMA), await pool.fetchval(APPLIED)


async def test_a_bare_database_lacks_everything(bare_url: str) -> None:
    async with open_database(bare_url, pool_size=2) as pool:
        assert await schema_problems(pool, SCHEMA) == sorted(SCHEMA)


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


OLD_ROWS = """
INSERT INTO member (member_id, referral_code, joined_at, last_seen_on)
VALUES (1, 'a', now(), '2026-03-02'), (2, 'b', now(), '2026-05-01');
INSERT INTO account (member_id, chain, posted_at) SELECT m, sha256('x'), now() FROM generate_series(1, 2) AS m;
INSERT INTO lot (member_id, expires_on, opens_on, opened, granted, remaining, spent)
VALUES (1, '2026-12-01', '2026-03-02', true, 5, 5, 0), (2, '2026-12-01', '2026-03-02', true, 5, 0, 5)
"""


async def test_what_was_there_before_is_taken_along(bare_url: str) -> None:
    """m0004: days of visits move into the accounts, and the database says of each lot whether anything remains."""
    async with open_database(bare_url, pool_size=1) as pool:
        for module in (m0001_ledger, m0002_waiting_notices, m0003_silent_members):
            for operation in module.Migration.operations:
                await pool.execute(sql_of(operation))
        await pool.execute(OLD_ROWS)
        for operation in m0004_fewer_pages.Migration.operations:
            await pool.execute(sql_of(operation))
        for name in LATER[LATER.index("m0004_fewer_pages") + 1 :]:
            module = import_module(f"models.migrations.{name}")
            for operation in module.Migration.operations:
                if not isinstance(operation, RunPython):  # there are no rows that one would look at
                    await pool.execute(sql_of(operation))
        assert await schema_problems(pool, SCHEMA) == []
        rows = await pool.fetch(
            "SELECT m.last_seen_floor::text, a.last_seen_on::text, l.has_remaining"
            " FROM member m JOIN account a USING (member_id) JOIN lot l USING (member_id) ORDER BY member_id"
        )
    assert [tuple(row) for row in rows] == [
        ("2026-03-02", "2026-03-02", True),
        ("2026-05-01", "2026-05-01", False),
    ]


def sql_of(operation: Operation) -> str:
    """The text that a migration of ours runs."""
    assert isinstance(operation, RunSQL)
    return str(operation.sql)


LATER = [path.stem for path in sorted(Path(migrations.__file__).parent.glob("m[0-9]*.py"))][1:]
"""All but the one that creates the first tables, which nobody can have distributed before it runs."""


@pytest.mark.parametrize("number", range(2, len(LATER) + 2))
def test_migrations_are_one_line(number: int) -> None:
    """Each has the next number and depends on the one before, so every database went through the same states."""
    before, name = ["m0001_ledger", *LATER][number - 2 : number]
    assert name.startswith(f"m{number:04}_")
    assert import_module(f"models.migrations.{name}").Migration.dependencies == [("jifen", before)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole_url(servers: Servers, worker_id: str) -> AsyncIterator[str]:
    """A database that was migrated once, for tests that leave it whole: all migrations take half a second."""
    with empty_database(servers, f"{worker_id}_whole") as url:
        await migrate(url)
        yield url


@pytest.mark.parametrize("name", LATER[LATER.index("m0004_fewer_pages") + 1 :])
async def test_a_migration_that_was_not_recorded_is_made_again(whole_url: str, name: str) -> None:
    """Tortoise records a migration after its transaction, and a kill between the two leaves it unrecorded."""
    async with open_database(whole_url, pool_size=1) as pool:
        await pool.execute("DELETE FROM tortoise_migrations WHERE name = $1", name)
    await migrate(whole_url)
    problems, applied = await looks(whole_url)
    assert (problems, applied.count(name)) == ([], 1)


def commands(sql: str) -> int:
    """How many commands a text has; no text of ours has a semicolon within a value."""
    return sum(bool(part.strip()) for part in sql.split(";"))


@pytest.mark.parametrize("name", LATER)
def test_an_operation_is_one_command(name: str) -> None:
    """Citus refuses a text of several commands on tables that are distributed."""
    operations = import_module(f"models.migrations.{name}").Migration.operations
    texts = [sql_of(operation) for operation in operations if not isinstance(operation, RunPython)]
    assert [commands(text) for text in texts] == [1] * len(texts)


def test_several_commands_in_a_text_are_counted() -> None:
    assert commands("DROP INDEX a; CREATE INDEX a ON lot (member_id);") == 2
    assert commands("DROP INDEX a;\n") == 1
