"""F3: clients that go away at any moment: what they began is finished or was never begun, and pool and engine stay whole."""

import asyncio
import gc
import random

import pytest

from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation
from tests.faults.lengths import lengths
from tests.faults.members import Member
from tests.loyalty.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

MEMBERS = 25
OURS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
CROWDS_SHARE = 2000


@pytest.mark.filterwarnings(  # a client cancelled while it connects leaves its socket to the garbage collector
    "ignore:Exception ignored in.*(_SelectorTransport|socket.socket):pytest.PytestUnraisableExceptionWarning"
)
@lengths("requests", 1_000, 100_000)
async def test_clients_cancel_at_any_moment(installation: Installation, requests: int) -> None:
    try:
        for number in range(0, requests, CROWDS_SHARE):
            await impatient_crowd(installation, min(CROWDS_SHARE, requests - number), seed=number)
    finally:
        gc.collect()
    async with installation.pool() as pool:

        async def nothing_is_open() -> bool:
            return bool(await pool.fetchval(f"{OURS} AND state LIKE 'idle in%'") == 0)

        await until(nothing_is_open)
        assert await pool.fetchval(OURS) <= 4 + 10 * len(installation.parts)


async def impatient_crowd(installation: Installation, requests: int, seed: int) -> None:
    """Members who send that many requests and wait for none longer than 5 ms; afterwards everybody is served as ever."""
    async with open_crowd(installation, MEMBERS) as crowd:
        dice = [random.Random(f"{seed}:{number}") for number in range(MEMBERS)]  # noqa: S311  # a repeatable order
        await asyncio.gather(
            *(
                hurried(member, requests // MEMBERS, its)
                for member, its in zip(crowd.members, dice, strict=True)
            )
        )
        unheard = len(crowd.history.of("unknown"))
        assert unheard > requests / 3
        await crowd.check()
        async with open_crowd(installation, 10) as others:
            async with asyncio.timeout(15):
                await asyncio.gather(*(member.say("签到") for member in others.members))
            assert others.history.told() == {"done": 10}


async def hurried(member: Member, requests: int, dice: random.Random) -> None:
    """One after the other, each left after 0 to 5 ms."""
    for _ in range(requests):
        task = asyncio.create_task(member.act(dice))
        await asyncio.wait({task}, timeout=dice.uniform(0, 0.005))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
