"""F1: a server or the worker killed at any point of what it does."""

import asyncio
import random
from collections import Counter

import pytest

from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation
from tests.faults.lengths import lengths
from tests.faults.notices import CUSTOM_SEND, owe, received, until_states
from tests.proxy import COMMIT

pytestmark = pytest.mark.asyncio(loop_scope="session")


@lengths("kills", 1, 200)
async def test_servers_killed_under_load(installation: Installation, kills: int) -> None:
    for number in range(kills):
        async with open_crowd(installation, 12) as crowd:
            server = installation.servers[number % 2]
            async with crowd.busy(seed=number):
                await asyncio.sleep(random.Random(number).uniform(0, 0.7))  # noqa: S311  # a repeatable moment
                server.kill()
                await asyncio.sleep(0.2)
            await server.start()
            await crowd.check()
            assert "500" not in crowd.history.statuses


@lengths("kills", 1, 50)
async def test_a_server_killed_between_commit_and_reply(installation: Installation, kills: int) -> None:
    for _ in range(kills):
        async with open_crowd(installation, 1) as crowd:
            await crowd.members[0].check_in()  # the day's first visit is noted by a COMMIT of its own
            for _ in range(4):  # a server's first draw puts the rule version in force by a COMMIT of its own
                await crowd.members[0].draw(1)
            installation.worker.freeze()
            installation.database.lose_answers(1, COMMIT, hangs=True)
            asking = asyncio.create_task(crowd.members[0].draw(10))
            await asyncio.wait_for(installation.database.lost_one.wait(), 10)
            for server in installation.servers:
                server.kill()
            request = await asking
            assert request.verdict == "unknown"
            installation.database.behave()
            await installation.calm()
            await crowd.check()
            assert request.replayed == 1, "it was committed before the kill, and only its answer was lost"


async def test_the_worker_killed_between_send_and_mark(installation: Installation) -> None:
    async with open_crowd(installation, 1) as crowd:
        [member] = crowd.members
        await member.say("签到")
        installation.wechat.lose_answers(1, CUSTOM_SEND.encode(), hangs=True)
        owed = await owe(installation, crowd.members)
        await asyncio.wait_for(installation.wechat.lost_one.wait(), 20)
        installation.worker.kill()
        installation.wechat.behave()
        installation.clock.advance(61)
        await installation.worker.start()
        await until_states(installation, owed, lambda found: found["unknown"] == 1)
        assert await received(member) == 1
        await crowd.check()


@lengths("kills", 3, 200)
async def test_the_worker_killed_among_many_sends(installation: Installation, kills: int) -> None:
    dice = random.Random(kills)  # noqa: S311  # repeatable moments
    for _ in range(max(1, kills // 3)):
        async with open_crowd(installation, 12) as crowd:
            await asyncio.gather(*(member.say("签到") for member in crowd.members))
            installation.worker.freeze()
            owed = await owe(installation, crowd.members * 3)
            installation.worker.thaw()
            for _ in range(3):
                await asyncio.sleep(dice.uniform(0.2, 1.2))
                installation.worker.kill()
                installation.clock.advance(61)
                await installation.worker.start()
            standing = await until_states(
                installation, owed, lambda found: not set(found) - {"sent", "unknown"}
            )
            got = Counter({member.member_id: await received(member) for member in crowd.members})
            assert all(count <= 3 for count in got.values()), f"told twice: {got}"
            assert standing["sent"] <= got.total() <= len(owed)
            await crowd.check()
