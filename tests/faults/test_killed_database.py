"""F4: PostgreSQL killed under load, deadlocks, lock timeouts: nothing acknowledged is lost, nothing is done twice."""

import asyncio
import random

import pytest

from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation
from tests.faults.lengths import lengths
from tests.loyalty.waiting import standing_in_the_way, until, until_blocked

pytestmark = pytest.mark.asyncio(loop_scope="session")

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@lengths("kills", 2, 200)
async def test_postgresql_killed_under_load(installation: Installation, kills: int) -> None:
    for number in range(kills):
        async with open_crowd(installation, 12) as crowd:
            async with crowd.busy(seed=number):
                await asyncio.sleep(random.Random(number).uniform(0, 0.7))  # noqa: S311  # a repeatable moment
                installation.machine.kill_postgres()
                await installation.machine.revive()
                await asyncio.sleep(0.2)
            await crowd.check()
            assert "500" not in crowd.history.statuses


async def test_a_deadlock_is_tried_again_with_one_effect(installation: Installation) -> None:
    """An operator's transaction holds the shelf and wants the account; the engine holds the account and wants the shelf."""
    async with open_crowd(installation, 1) as crowd, installation.pool() as pool:
        [member] = crowd.members
        before = await pool.fetchval(DEADLOCKS)
        url = installation.machine.servers.database_url
        async with standing_in_the_way(
            url, "SELECT FROM stock WHERE item = 'reward:cookie' FOR UPDATE"
        ) as other:
            await other.execute("SET deadlock_timeout = '20s'")  # so that it is the engine that is told
            asking = asyncio.create_task(member.redeem("cookie"))
            await until_blocked(other)
            await other.execute("SELECT FROM account WHERE member_id = $1 FOR UPDATE", member.member_id)
            await until_blocked(other)
            await other.execute("ROLLBACK")
            assert (await asking).verdict == "done"

        async def counted() -> bool:
            return bool(await pool.fetchval(DEADLOCKS) == before + 1)

        await until(counted)
        await crowd.check()
