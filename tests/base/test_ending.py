"""Background tasks end also when a cancellation got lost in a library."""

import asyncio

import pytest

from base import ending
from base.ending import end_tasks


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending, "AGAIN_AFTER_S", 0.05)


async def loses_cancellations(count: int) -> None:
    """Sleep for ever; `count` cancellations are lost."""
    while True:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            count -= 1
            if count < 0:
                raise


@pytest.mark.parametrize("lost", [0, 1, 3])
async def test_tasks_that_lose_cancellations_end(lost: int) -> None:
    tasks = [asyncio.create_task(loses_cancellations(count)) for count in (0, lost)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end_tasks(tasks)
    assert all(task.cancelled() for task in tasks)


async def test_a_cancellation_that_wait_for_drops() -> None:
    """The case of the library: the inner future is done in the same turn of the loop in which the cancellation arrives."""
    inner = asyncio.get_running_loop().create_future()

    async def forever() -> None:
        await asyncio.wait_for(inner, 3600)
        await asyncio.sleep(3600)

    task = asyncio.create_task(forever())
    await asyncio.sleep(0)
    inner.set_result(None)
    async with asyncio.timeout(5):
        await end_tasks([task])
    assert task.cancelled()


async def test_errors_and_ended_tasks_are_no_trouble() -> None:
    async def fails() -> None:
        raise ValueError

    failed, done = asyncio.create_task(fails()), asyncio.create_task(asyncio.sleep(0))
    await asyncio.sleep(0.01)
    await end_tasks(task for task in (failed, done))
    await end_tasks([])
    assert isinstance(failed.exception(), ValueError)
