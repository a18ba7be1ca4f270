"""Messages in flight: how many, how old, and which push may be a retry."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from unittest.mock import create_autospec

import pytest

from bot.conversation import DatabaseUnavailable
from bot.in_flight import InFlight
from bot.late_reply.promises import Promises
from wechat.messages import Push

WRITTEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
PUSH = Push("gh_aa", "oU1", int(WRITTEN.timestamp()), "text", content="签到", message_id="1")


def in_flight(include: Callable[[Push], Awaitable[bool]] | None = None) -> InFlight:
    promises = create_autospec(Promises, instance=True)
    if include is not None:
        promises.include = include
    return InFlight(promises)


async def test_the_oldest_come_first_and_an_ended_one_is_in_flight_no_more() -> None:
    tasks, ended = in_flight(), [asyncio.Event() for _ in range(3)]
    started = []
    for number, event in enumerate(ended):
        started.append(tasks.start_handling(event.wait(), str(number)))
        await asyncio.sleep(0.02)
    assert tasks.messages == 3
    assert tasks.age_s(1) > tasks.age_s(2) > tasks.age_s(3) > 0
    assert tasks.age_s(4) == 0
    second = tasks.age_s(2)
    ended[0].set()
    await started[0]
    await asyncio.sleep(0)
    assert tasks.messages == 2
    assert tasks.age_s(1) >= second
    for event in ended:
        event.set()
    await tasks.close()
    assert (tasks.messages, tasks.age_s(1)) == (0, 0)


@pytest.mark.parametrize(
    ("age_s", "is_in_flight", "expected"),
    [(0, False, False), (1.9, False, False), (2, False, True), (0, True, True), (60, True, True)],
)
async def test_a_retry_is_old_or_still_in_flight(age_s: float, is_in_flight: bool, expected: bool) -> None:
    tasks, ended = in_flight(), asyncio.Event()
    if is_in_flight:
        tasks.start_handling(ended.wait(), PUSH.message_key)
    assert tasks.may_be_retry(PUSH, WRITTEN + timedelta(seconds=age_s)) is expected
    ended.set()
    await tasks.close()
    assert not tasks.may_be_retry(PUSH, WRITTEN)


async def test_the_database_is_asked_for_a_promise_only_when_the_push_is_old() -> None:
    asked = []

    async def include(push: Push) -> bool:
        asked.append(push)
        return True

    assert not await in_flight(include).is_promised(PUSH, WRITTEN)
    assert asked == []
    assert await in_flight(include).is_promised(PUSH, WRITTEN + timedelta(seconds=5))
    assert asked == [PUSH]


@pytest.mark.parametrize(
    ("error", "raised"), [(ConnectionRefusedError(), DatabaseUnavailable), (KeyError(), KeyError)]
)
async def test_an_outage_is_told_from_a_mistake(error: Exception, raised: type[Exception]) -> None:
    async def include(_push: Push) -> bool:
        raise error

    with pytest.raises(raised):
        await in_flight(include).is_promised(PUSH, WRITTEN + timedelta(seconds=5))
