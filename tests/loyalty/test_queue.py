"""The queue in front of the engine: each member in order, one at a time; of all members who waited longest."""

import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.checkin.commands import CheckIn
from loyalty.engine.queue import MOST_OF_ONE_MEMBER, Job, Queue, TooManyWaiting
from loyalty.engine.transactions import EngineUnavailable

AT = datetime(2026, 3, 2, tzinfo=UTC)


def add(queue: Queue, member_id: int, number: int) -> None:
    queue.add(CheckIn(member_id=member_id, request_key=str(number), at=AT))


def keys(batch: list[Job]) -> list[str]:
    return [job.command.request_key for job in batch]


def test_of_each_member_the_first_in_the_order_of_arrival() -> None:
    async def story() -> None:
        queue = Queue(10, spare_after_s=0)
        for number, member_id in enumerate([3, 1, 3, 2, 1]):
            add(queue, member_id, number)
        first = await queue.take()
        assert keys(first) == ["0", "1", "3"]
        queue.give_back(first[1:], [])  # members 1 and 2 are idle again, 3 is not
        assert keys(await queue.take()) == ["4"]
        queue.give_back(first[:1], [])
        assert keys(await queue.take()) == ["2"]
        assert len(queue) == 0

    asyncio.run(story())


def test_what_is_tried_again_goes_before_its_members_others_and_before_later_members() -> None:
    async def story() -> None:
        queue = Queue(10, spare_after_s=0)
        add(queue, 1, 0)
        first = await queue.take()
        add(queue, 2, 1)
        add(queue, 1, 2)
        queue.give_back(first, first)
        second = await queue.take()
        assert keys(second) == ["0", "1"]
        assert len(queue) == 1

    asyncio.run(story())


def test_one_that_harmed_its_batch_goes_by_itself() -> None:
    async def story() -> None:
        queue = Queue(10, spare_after_s=0)
        for number in range(3):
            add(queue, number, number)
        first = await queue.take()
        for job in first:
            job.alone = True
        queue.give_back(first, first)
        add(queue, 9, 9)
        assert [keys(await queue.take()) for _ in range(4)] == [["0"], ["1"], ["2"], ["9"]]

    asyncio.run(story())


def test_a_member_may_not_fill_the_queue_but_others_still_come_in() -> None:
    async def story() -> None:
        queue = Queue(10, spare_after_s=0)
        for number in range(MOST_OF_ONE_MEMBER):
            add(queue, 1, number)
        with pytest.raises(TooManyWaiting):
            add(queue, 1, 0)
        add(queue, 2, 0)
        assert len(queue) == MOST_OF_ONE_MEMBER + 1
        assert len(await queue.take()) == 2

    asyncio.run(story())


def test_closed_it_takes_no_more_and_gives_out_what_it_has() -> None:
    async def story() -> None:
        queue = Queue(10, spare_after_s=0)
        add(queue, 1, 0)
        add(queue, 1, 1)
        waiting = asyncio.create_task(queue.take())
        first = await waiting
        idle = asyncio.create_task(queue.take())
        await asyncio.sleep(0)
        queue.close()
        with pytest.raises(EngineUnavailable):
            add(queue, 2, 0)
        await asyncio.sleep(0)
        assert not idle.done(), "member 1 has another command, and is in flight"
        queue.give_back(first, [])
        last = await idle
        assert keys(last) == ["1"]
        queue.give_back(last, [])
        assert await queue.take() == []

    asyncio.run(story())


def test_the_next_batch_gathers_while_one_is_under_way_unless_it_is_full_or_that_takes_too_long() -> None:
    async def story() -> None:
        queue = Queue(3, spare_after_s=0.05)
        add(queue, 1, 1)
        first = await queue.take()
        spare = asyncio.create_task(queue.take())
        for number in (2, 3):
            add(queue, number, number)
            await asyncio.sleep(0)
            assert not spare.done()
        add(queue, 4, 4)
        assert keys(await spare) == ["2", "3", "4"], "full"
        add(queue, 5, 5)
        spare = asyncio.create_task(queue.take())
        await asyncio.sleep(0)
        assert not spare.done()
        assert keys(await asyncio.wait_for(spare, 20)) == ["5"], "the others take long"
        queue.give_back(first, [])
        add(queue, 6, 6)
        assert keys(await asyncio.wait_for(queue.take(), 20)) == ["6"], "also where it came later"

    asyncio.run(story())


def test_when_the_batch_is_done_what_has_gathered_goes_at_once() -> None:
    async def story() -> None:
        queue = Queue(3, spare_after_s=600)
        add(queue, 1, 1)
        first = await queue.take()
        spare = asyncio.create_task(queue.take())
        add(queue, 2, 2)
        await asyncio.sleep(0)
        queue.give_back(first, [])
        assert keys(await asyncio.wait_for(spare, 20)) == ["2"]

    asyncio.run(story())


@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), max_size=60), st.integers(1, 4))
def test_nothing_is_lost_and_every_member_keeps_their_order(
    steps: list[tuple[int, bool]], batch_size: int
) -> None:
    """Any mixture of adding, taking and giving back, some of it to be tried again."""

    async def story() -> None:
        queue, flying, heard = Queue(batch_size, spare_after_s=0), list[Job](), dict[int, list[int]]()
        for number, (member_id, comes_back) in enumerate(steps):
            add(queue, member_id, number)
            if len(queue) > 2 and any(job.command.member_id != member_id for job in flying) and comes_back:
                queue.give_back(flying, flying)
                flying = []
            elif not flying:
                flying = await queue.take()
                for job in flying:
                    heard.setdefault(job.command.member_id, []).append(int(job.command.request_key))
            else:
                queue.give_back(flying, [])
                flying = []
        queue.give_back(flying, [])
        queue.close()
        while batch := await queue.take():
            for job in batch:
                heard.setdefault(job.command.member_id, []).append(int(job.command.request_key))
            queue.give_back(batch, [])
        for member_id, numbers in heard.items():
            assert numbers == sorted(numbers), member_id
            assert set(numbers) == {n for n, step in enumerate(steps) if step[0] == member_id}

    asyncio.run(story())
