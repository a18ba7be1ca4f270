"""The settings of a transaction are those of the server it runs on, and every statement of the engine runs under either.

PostgreSQL takes any setting whose name has a dot: a database that names a `citus.version` is taken for one of Citus, and the
settings for Citus are made in earnest, as far as they are PostgreSQL's own.
"""

import asyncpg
import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.engine.outcomes import Result
from loyalty.engine.transactions import in_transaction, is_transient
from loyalty.games.commands import Draw
from loyalty.rewards.commands import Redeem
from models.database import migrate
from tests.conftest import run_sql
from tests.ledger import KEYS, open_ledger

NAMED_CITUS = (
    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET citus.version = ''12.1''', current_database()); END $$"
)
MADE = """
SELECT current_setting('plan_cache_mode') AS plans, current_setting('enable_hashjoin') AS hash_joins,
    current_setting('max_parallel_workers_per_gather') AS helpers, current_setting('lock_timeout') AS lock_timeout,
    current_setting('idle_in_transaction_session_timeout') AS idle_timeout,
    current_setting('citus.propagate_set_commands', true) AS propagated,
    current_setting('citus.max_adaptive_executor_pool_size', true) AS connections
"""
ON_POSTGRESQL = {
    "plans": "force_generic_plan", "hash_joins": "off", "helpers": "2", "lock_timeout": "3s", "idle_timeout": "5s",
    "propagated": None, "connections": None,
}  # fmt: skip
ON_CITUS = {
    "plans": "auto", "hash_joins": "off", "helpers": "0", "lock_timeout": "3s", "idle_timeout": "5s", "propagated": "local",
    "connections": "1",
}  # fmt: skip


async def made(pool: asyncpg.Pool) -> dict[str, str | None]:
    """The settings that hold in a transaction."""
    return dict(await in_transaction(pool, lambda connection: connection.fetchrow(MADE)))


async def test_each_pool_asks_once_what_server_it_is_on(bare_url: str) -> None:
    async with asyncpg.create_pool(bare_url, min_size=1, max_size=1) as before:
        assert await made(before) == ON_POSTGRESQL
        run_sql(bare_url, NAMED_CITUS)
        await before.expire_connections()
        assert await made(before) == ON_POSTGRESQL
        async with asyncpg.create_pool(bare_url, min_size=1, max_size=1) as after:
            assert [await made(after) for _ in range(2)] == [ON_CITUS] * 2
            settings = await after.fetchrow(MADE)
    assert (settings["plans"], settings["hash_joins"], settings["lock_timeout"]) == ("auto", "on", "0")


async def test_the_engine_works_under_the_settings_of_citus(bare_url: str) -> None:
    await migrate(bare_url)
    run_sql(bare_url, NAMED_CITUS)
    async with open_ledger(bare_url) as ledger:
        assert await made(ledger.pool) == ON_CITUS
        member = await ledger.member()
        await ledger.give(member, 300)
        reward = (await ledger.live()).rules.rewards[0].id
        done = [
            await ledger.run(CheckIn, member),
            await ledger.run(Draw, member, wheel="lucky"),
            await ledger.run(Redeem, member, reward=reward),
        ]
        assert all(isinstance(one.outcome, Result) for one in done)
        assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


@pytest.mark.parametrize(("alone", "again"), [(False, False), (True, True)])
def test_an_internal_error_is_tried_again_for_one_command_only(alone: bool, again: bool) -> None:
    """COPY on Citus hides a shard's deadlock, and a batch's one bad command, behind XX000."""
    assert is_transient(asyncpg.InternalServerError("x"), alone=alone) is again
    assert is_transient(asyncpg.UniqueViolationError("x"), alone=alone) is False
    assert is_transient(asyncpg.DeadlockDetectedError("x"), alone=alone) is True
