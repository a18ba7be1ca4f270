"""F2: PostgreSQL carries out a COMMIT and its answer is lost; the receipts tell what happened."""

import pytest

from tests.faults.installation import Installation
from tests.faults.lengths import lengths
from tests.faults.members import open_crowd
from tests.proxy import COMMIT

pytestmark = pytest.mark.asyncio(loop_scope="session")


@lengths("crowds", 1, 300)
async def test_every_third_commit_loses_its_answer(installation: Installation, crowds: int) -> None:
    for number in range(crowds):
        async with open_crowd(installation, 20) as crowd:
            installation.database.lose_answers(1_000_000, COMMIT, every=3)
            await crowd.busy(1.5, seed=number)
            assert installation.database.lost > 5
            installation.database.behave()
            assert crowd.history.told()["done"] > 20
            await crowd.check()
            assert "500" not in crowd.history.statuses


async def test_the_answers_of_the_front_are_lost(installation: Installation) -> None:
    """The server has answered, the client has not heard it."""
    async with open_crowd(installation, 10) as crowd:
        installation.front.lose_answers(1_000_000, b"Idempotency-Key", every=2)
        await crowd.busy(1.0, seed=7)
        installation.front.behave()
        assert len(crowd.history.of("unknown")) > 5
        await crowd.check()
        assert sum(request.replayed for request in crowd.history.asked) > 5
