"""F2: PostgreSQL carries out a COMMIT and its answer is lost; the receipts tell what happened."""

from collections.abc import Awaitable, Callable

import pytest

from tests.faults.crowd import open_crowd
from tests.faults.installation import Installation
from tests.faults.lengths import lengths
from tests.loyalty.waiting import until
from tests.proxy import COMMIT, Proxy

pytestmark = pytest.mark.asyncio(loop_scope="session")


@lengths("crowds", 1, 300)
async def test_every_third_commit_loses_its_answer(installation: Installation, crowds: int) -> None:
    for number in range(crowds):
        async with open_crowd(installation, 20) as crowd:
            installation.database.lose_answers(1_000_000, COMMIT, every=3)
            async with crowd.busy(seed=number):
                await until(lost(installation.database), within_s=30)
            installation.database.behave()
            await crowd.check()
            assert "500" not in crowd.history.statuses


def lost(wire: Proxy) -> Callable[[], Awaitable[bool]]:
    """Whether the wire has lost a few answers."""
    before = wire.lost

    async def enough() -> bool:
        return wire.lost >= before + 8

    return enough


async def test_the_answers_of_the_front_are_lost(installation: Installation) -> None:
    """The server has answered, the client has not heard it."""
    async with open_crowd(installation, 10) as crowd:
        installation.front.lose_answers(1_000_000, b"Idempotency-Key", every=2)
        async with crowd.busy(seed=7):
            await until(lost(installation.front), within_s=30)
        installation.front.behave()
        unheard = crowd.history.of("unknown")
        assert len(unheard) >= 8
        await crowd.check()
        assert all(request.replayed == 1 for request in unheard)
