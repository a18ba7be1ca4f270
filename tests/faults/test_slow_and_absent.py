"""F8: a handler slower than WeChat waits, and a database that is away: promised answers, silence, and the third try."""

import asyncio

import pytest

from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation
from tests.faults.lengths import lengths
from tests.loyalty.waiting import standing_in_the_way, until_blocked

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOCK = "SELECT FROM account WHERE member_id = ANY($1::bigint[]) FOR UPDATE"
LEASE_S = 31


async def test_what_is_slow_is_promised_and_follows_once(installation: Installation) -> None:
    """The engine waits for a lock, is refused after three seconds, and tries again: an answer after WeChat has hung up."""
    async with open_crowd(installation, 4) as crowd:
        ids = [member.member_id for member in crowd.members]
        async with standing_in_the_way(installation.machine.servers.database_url, LOCK, ids) as other:
            asked = await asyncio.gather(*(member.say("签到") for member in crowd.members))
            assert {request.verdict for request in asked} == {"promised"}
            assert {request.tries for request in asked} == {1}
            for request in asked[:2]:
                await request.again()
            await other.execute("ROLLBACK")
        await crowd.check()
        for member in crowd.members:
            assert len(await member.phone.inbox("custom")) == 1
        assert {request.verdict for request in asked} == {"done"}


async def test_a_promise_outlives_its_server(installation: Installation) -> None:
    async with open_crowd(installation, 4) as crowd:
        ids = [member.member_id for member in crowd.members]
        async with standing_in_the_way(installation.machine.servers.database_url, LOCK, ids) as other:
            await asyncio.gather(*(member.say("抽奖") for member in crowd.members))
            await until_blocked(other)
            installation.servers[0].kill()
            await other.execute("ROLLBACK")
        assert len(crowd.history.of("promised")) == 4
        installation.clock.advance(LEASE_S)
        await crowd.settle(within_s=30)
        for member in crowd.members:
            assert len(await member.phone.inbox("custom")) == 1
        await installation.servers[0].start()
        await crowd.check()


@lengths("seconds", 8, 120)
async def test_the_database_is_away(installation: Installation, seconds: int) -> None:
    """Refusing for half of the time, silent for the other half; who asks meanwhile hears at last, or asks again."""
    async with open_crowd(installation, 10) as crowd:
        async with crowd.busy(seed=seconds):
            await installation.database.shut()
            await asyncio.sleep(seconds / 2)
            await installation.database.open()
            installation.database.fall_silent()
            await asyncio.sleep(seconds / 2)
            installation.database.speak()
        await crowd.check()
        assert "500" not in crowd.history.statuses


async def test_the_third_try_is_answered(installation: Installation) -> None:
    async with open_crowd(installation, 1) as crowd:
        [member] = crowd.members
        await installation.database.shut()
        asking = asyncio.create_task(member.say("签到"))
        await asyncio.sleep(8.5)
        await installation.database.open()
        request = await asking
        assert (request.verdict, request.tries) == ("done", 3)
        await crowd.check()
