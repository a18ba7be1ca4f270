"""Customer-service windows on a real Redis."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis
from structlog.testing import capture_logs

from channels.windows import Trigger, Windows

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_url) as client:
        await client.flushdb()
        yield client


@pytest.fixture
def windows(redis: Redis) -> Windows:
    return Windows(redis)


async def sends(windows: Windows, openid: str, at: datetime) -> int:
    """How many messages pass at an instant, counted until one does not."""
    count = 0
    while count < 50 and await windows.take(openid, at):
        count += 1
    return count


@pytest.mark.parametrize(
    ("trigger", "after", "expected"),
    [
        ("message", timedelta(0), 5),
        ("message", timedelta(hours=48) - timedelta(seconds=1), 5),
        ("message", timedelta(hours=48), 0),
        ("follow", timedelta(seconds=59), 3),
        ("follow", timedelta(seconds=60), 0),
        ("scan", timedelta(seconds=59), 3),
        ("scan", timedelta(days=400), 0),
        ("click", timedelta(seconds=59), 3),
        ("click", timedelta(seconds=60), 0),
    ],
)
async def test_how_long_and_how_often(
    windows: Windows, trigger: Trigger, after: timedelta, expected: int
) -> None:
    await windows.open("o1", trigger, NOW)
    assert await sends(windows, "o1", NOW + after) == expected


async def test_no_window_was_ever_opened(windows: Windows) -> None:
    assert not await windows.take("o1", NOW)


async def test_the_window_that_closes_first_pays_first(windows: Windows) -> None:
    await windows.open("o1", "message", NOW)
    await windows.open("o1", "click", NOW)
    assert [await windows.take("o1", NOW) for _ in range(3)] == [True] * 3
    assert await sends(windows, "o1", NOW + timedelta(minutes=2)) == 5


async def test_a_new_message_opens_the_window_anew(windows: Windows) -> None:
    await windows.open("o1", "message", NOW)
    assert await sends(windows, "o1", NOW) == 5
    await windows.open("o1", "message", NOW + timedelta(hours=1))
    assert await sends(windows, "o1", NOW + timedelta(hours=48)) == 5


@pytest.mark.parametrize("earlier", [timedelta(0), timedelta(minutes=1)])
async def test_the_same_message_told_once_more_gives_no_message_back(
    windows: Windows, earlier: timedelta
) -> None:
    await windows.open("o1", "message", NOW)
    assert [await windows.take("o1", NOW) for _ in range(3)] == [True] * 3
    await windows.open("o1", "message", NOW - earlier)
    assert await sends(windows, "o1", NOW) == 2


async def test_one_members_window_is_not_anothers(windows: Windows) -> None:
    await windows.open("o1", "message", NOW)
    assert not await windows.take("o2", NOW)


async def test_many_open_at_once_each_their_own(windows: Windows) -> None:
    triggers: list[Trigger] = ["message", "follow", "scan", "click"]
    await asyncio.gather(*(windows.open(f"o{place}", triggers[place % 4], NOW) for place in range(40)))
    assert [await sends(windows, f"o{place}", NOW) for place in range(40)] == [5, 3, 3, 3] * 10
    assert await sends(windows, "o40", NOW) == 0


async def test_fifty_at_once_take_five(windows: Windows) -> None:
    await windows.open("o1", "message", NOW)
    taken = await asyncio.gather(*(windows.take("o1", NOW) for _ in range(50)))
    assert sum(taken) == 5


async def test_redis_holds_no_openid_and_clears_up_by_itself(redis: Redis, windows: Windows) -> None:
    await windows.open("oSecretOpenid", "message", NOW)
    [key] = await redis.keys("*")
    assert b"oSecretOpenid" not in key
    assert 48 * 3600 < await redis.ttl(key) <= 49 * 3600


async def test_a_flushed_redis_closes_the_windows(redis: Redis, windows: Windows) -> None:
    await windows.open("o1", "message", NOW)
    await redis.flushdb()
    assert not await windows.take("o1", NOW)


async def test_without_redis_no_window_is_open_and_it_is_told_once(windows: Windows) -> None:
    async with Redis(host="127.0.0.1", port=1) as nowhere:
        walled_up = Windows(nowhere)
        with capture_logs() as logs:
            await walled_up.open("o1", "message", NOW)
            assert not await walled_up.take("o1", NOW)
            assert not await walled_up.take("o1", NOW)
            await windows.open("o1", "message", NOW)
    assert [entry["event"] for entry in logs] == ["redis_unavailable", "redis_available"]
    assert await windows.take("o1", NOW)
