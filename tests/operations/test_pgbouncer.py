"""Through PgBouncer in transaction mode, where every transaction may meet another connection of the server."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.games.commands import Draw
from models.database import migrate
from tests.app_role import AppRole, app_role, as_user
from tests.debian import debian_pgbouncer, debian_postgres, postgres_programs, program
from tests.ledger import DAY_S, KEYS, Ledger, open_ledger
from tests.runtime.program import running

pytestmark = pytest.mark.skipif(
    postgres_programs() is None or program("pgbouncer") is None,
    reason="needs Debian's postgresql and pgbouncer (apt-get install postgresql pgbouncer)",
)

UNNAMED = "?statement_cache_size=0"
"""Before PgBouncer 1.21 named statements of one connection are unknown to the next."""

MEMBERS = 40


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="jifen-bouncer-", dir="/tmp") as made:  # short socket paths
        path = Path(made)
        path.chmod(0o711)
        yield path


@pytest.fixture(scope="module")
def direct(folder: Path) -> Iterator[AppRole]:
    """The server's own address, migrated, with an application's role."""
    with debian_postgres(folder / "pg") as url:
        asyncio.run(migrate(url))
        with app_role(url) as role:
            yield role


@pytest.fixture(scope="module")
def bounced(folder: Path, direct: AppRole) -> Iterator[str]:
    """The application role's address through PgBouncer."""
    with debian_pgbouncer(folder / "bouncer", direct.owner_url, "jifen", direct.name) as url:
        yield as_user(url, direct.name)


async def test_two_processes_work_through_it(direct: AppRole, bounced: str) -> None:
    async with open_ledger(direct.owner_url) as own:
        members = [await own.member() for _ in range(MEMBERS)]
        through = Ledger(own.pool, own.engine, own.clock, database_url=bounced)
        async with (
            through.rival(statement_cache_size=0) as one,
            through.rival(statement_cache_size=0) as two,
        ):
            for day in range(5):
                now = own.clock.now()
                commands = [CheckIn(member_id=member, request_key=f"day-{day}", at=now) for member in members]
                answers = await asyncio.gather(
                    *(engine.run(command) for command in commands for engine in (one, two))
                )
                assert sum(answer.replayed for answer in answers) == MEMBERS
                own.clock.advance(DAY_S)
            now = own.clock.now()
            draws = [Draw(member_id=member, request_key="draw", at=now, wheel="lucky") for member in members]
            await asyncio.gather(*(one.run(draw) for draw in draws))
        async with asyncpg.create_pool(bounced, min_size=1, max_size=2, statement_cache_size=0) as pool:
            report = await audit(pool, own.clock.now(), KEYS)
    assert report.violations == []
    assert report.recomputed["draws"] == MEMBERS
    assert report.accounts == MEMBERS


async def test_every_connection_is_free_after_each_transaction(direct: AppRole, bounced: str) -> None:
    """More clients than the bouncer has connections to the server: each waits for a transaction, none for a session."""
    async with open_ledger(direct.owner_url) as own:
        members = [await own.member() for _ in range(MEMBERS)]
        through = Ledger(own.pool, own.engine, own.clock, database_url=bounced)
        async with AsyncExitStack() as opened:
            options: dict[str, Any] = {"statement_cache_size": 0, "min_size": 2, "max_size": 2}
            engines = [await opened.enter_async_context(through.rival(**options)) for _ in range(12)]
            commands = [CheckIn(member_id=member, request_key="x", at=own.clock.now()) for member in members]
            answers = await asyncio.gather(
                *(engines[number % 12].run(command) for number, command in enumerate(commands))
            )
        assert {answer.outcome.code for answer in answers} == {"checked_in"}


def test_server_and_worker_start_behind_it(tmp_path: Path, bounced: str, redis_url: str) -> None:
    given = {"DATABASE_URL": bounced + UNNAMED, "REDIS_URL": redis_url, "LEDGER_GUARD": "refuse"}
    with (
        running(tmp_path, "serve", "--workers", "2", **given) as server,
        running(tmp_path, "worker", **given) as worker,
    ):
        server.wait_children(2)
        server.wait_ready()
        assert worker.stop() == 0, worker.said()
        assert server.stop() == 0, server.said()
        assert "Traceback" not in server.said()
