"""The ARQ worker on a real Redis: ticks, a flush, Redis away and back, two workers, and a graceful end."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
from arq.connections import ArqRedis
from redis.exceptions import ConnectionError as NotConnected

from runtime.resources import Resources
from tasks import job_runs
from tasks.connections import connect
from tasks.job_runs import JobRuns
from tasks.schedule import Job, schedule
from tasks.worker import HEALTH_KEY, build_worker, run_worker, to_json
from tests.emulator.harness import Phone
from tests.house import House
from tests.proxy import Proxy, open_proxy
from tests.tasks.scenes import LAPSE, days_before, follower, go_to, notices

pytestmark = pytest.mark.slow

PATIENCE_S = 60.0


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await holds():  # noqa: ASYNC110  # the change is in another process's table or inbox
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def worker(resources: Resources) -> AsyncIterator[None]:
    """A running worker, stopped at the end as an operator would."""
    stop = asyncio.Event()
    running = asyncio.create_task(run_worker(resources, stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE_S):
            await running


async def warnings(phone: Phone) -> int:
    """How many expiry templates the phone has received."""
    return sum(message["content"].startswith("积分到期提醒") for message in await phone.inbox("template"))


def warned(phone: Phone, times: int) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return await warnings(phone) >= times

    return holds


async def when_due(house: House, written: int) -> None:
    """Wait until so many expiry notices are written, then move the clock to the last one's place in the day."""

    async def are_written() -> bool:
        return await house.ledger.count("notice", kind="expiry") == written

    await until(are_written)
    house.clock.move_to(
        await house.resources.pool.fetchval("SELECT max(due_at) FROM notice WHERE kind = 'expiry'")
    )


def hung_up(wire: Proxy) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return wire.connected == 0

    return holds


async def test_months_pass_and_warnings_arrive_by_themselves(house: House) -> None:
    phone, member_id = await follower(house)
    async with worker(house.resources):
        await go_to(house, days_before(LAPSE, 20))
        await when_due(house, 1)
        await until(warned(phone, 1))

        async def delivered() -> bool:
            return [row["state"] for row in await notices(house, member_id, "expiry")] == ["delivered"]

        await until(delivered)
        await go_to(house, LAPSE)

        async def lapsed() -> bool:
            return await house.ledger.balance(member_id) == 0

        await until(lapsed)


async def test_two_workers_and_a_redis_flushed_all_the_time(house: House) -> None:
    phone, member_id = await follower(house)
    async with worker(house.resources), worker(house.resources):
        for told, days in enumerate((20, 5, 1), 1):
            await go_to(house, days_before(LAPSE, days))
            await house.resources.redis.flushdb()
            await when_due(house, told)
            await until(warned(phone, told))
    keys = [row["key"] for row in await notices(house, member_id, "expiry")]
    assert keys == ["30-8|2027-04-01", "7-2|2027-04-01", "1-1|2027-04-01"]
    assert await warnings(phone) == 3


async def test_the_worker_comes_back_when_redis_does(house: House, redis_url: str) -> None:
    phone, _ = await follower(house)
    async with open_proxy(redis_url) as wire:
        settings = house.resources.settings.model_copy(update={"redis_url": wire.url})
        async with worker(replace(house.resources, settings=settings)):
            await go_to(house, days_before(LAPSE, 20))
            await when_due(house, 1)
            await until(warned(phone, 1))
            await wire.shut()
            await go_to(house, days_before(LAPSE, 5))
            await asyncio.sleep(3)
            assert await warnings(phone) == 1
            await wire.open()
            await when_due(house, 2)
            await until(warned(phone, 2))


async def test_sigterm_ends_the_worker(house: House) -> None:
    running = asyncio.create_task(run_worker(house.resources))
    redis = house.resources.redis

    async def alive() -> bool:
        return bool(await redis.exists(HEALTH_KEY))

    await until(alive)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(PATIENCE_S):
        await running


async def test_a_worker_leaves_no_results_and_no_pickles(house: House) -> None:
    phone, _ = await follower(house)
    async with worker(house.resources):
        await go_to(house, days_before(LAPSE, 20))
        await when_due(house, 1)
        await until(warned(phone, 1))
        assert await house.resources.redis.keys("arq:result:*") == []
        for key in await house.resources.redis.keys("arq:job:*"):
            stored = await house.resources.redis.get(key)
            assert stored is None or isinstance(json.loads(stored), dict)


def test_every_job_s_tick_divides_the_minute() -> None:
    jobs = schedule()
    assert len({job.name for job in jobs}) == len(jobs)
    assert all(60 % job.every_s == 0 for job in jobs)


async def test_the_quick_worker_is_quick(house: House) -> None:
    connections = connect(house.resources.settings.redis_url or "")
    built = build_worker(connections, JobRuns(house.resources), schedule())
    assert built.keep_result_s == 0
    assert not built.retry_jobs
    assert all((job.timeout_s or 0) <= 10 for job in built.functions.values())
    assert built.in_progress_timeout_s <= 20
    assert built.job_serializer is to_json
    await connections.drain()


async def test_a_worker_that_ends_in_mid_sentence_hangs_up(house: House, redis_url: str) -> None:
    async with open_proxy(redis_url) as wire:
        wire.delay_s = 0.15
        settings = house.resources.settings.model_copy(update={"redis_url": wire.url})
        for moment in range(4):
            async with worker(replace(house.resources, settings=settings)):
                await asyncio.sleep(1 + moment / 4)
            await until(hung_up(wire))


async def test_words_that_outlive_the_worker_leave_no_connection(redis_url: str) -> None:
    async with open_proxy(redis_url) as wire:
        connections = connect(wire.url)
        redis = ArqRedis(connections)
        await redis.ping()
        wire.delay_s = 0.2
        said = asyncio.ensure_future(redis.ping())
        await asyncio.sleep(0.05)
        draining = asyncio.create_task(connections.drain())
        await asyncio.sleep(0)
        with pytest.raises(NotConnected):
            await redis.ping()
        assert await said
        await draining
        with pytest.raises(NotConnected):
            await redis.ping()

        await until(hung_up(wire))


async def test_an_error_in_arq_s_record_is_written_as_text() -> None:
    assert json.loads(to_json({"r": ValueError("wrong")})) == {"r": "wrong"}


@dataclass
class Slow:
    """A job that counts its runs and takes its time."""

    begun: int = 0
    ended: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, resources: Resources, now: datetime) -> None:
        self.begun += 1
        await self.go_on.wait()
        self.ended += 1


async def test_a_job_that_runs_is_not_begun_again(house: House) -> None:
    slow, runs = Slow(), JobRuns(house.resources)
    job = Job("slow", 2, slow)
    first = asyncio.create_task(runs.on_tick(job))
    await asyncio.sleep(0)
    assert not await runs.on_tick(job)
    slow.go_on.set()
    assert await first
    assert await runs.on_tick(job)
    assert slow.begun == 2


async def test_a_cancelled_tick_does_not_cut_its_run_short(house: House) -> None:
    slow, runs = Slow(), JobRuns(house.resources)
    tick = asyncio.create_task(runs.on_tick(Job("slow", 2, slow)))
    await asyncio.sleep(0.01)
    tick.cancel()
    await asyncio.gather(tick, return_exceptions=True)
    slow.go_on.set()
    await runs.drain()
    assert slow.ended == 1


async def test_a_run_without_end_is_cancelled_at_last(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_runs, "DRAIN_S", 0.05)
    slow, runs = Slow(), JobRuns(house.resources)
    tick = asyncio.create_task(runs.on_tick(Job("slow", 2, slow)))
    await asyncio.sleep(0.01)
    await runs.drain()
    await asyncio.gather(tick, return_exceptions=True)
    assert (slow.begun, slow.ended) == (1, 0)


async def test_a_failing_job_is_logged_and_runs_again(house: House) -> None:
    async def fails(resources: Resources, now: datetime) -> None:
        raise RuntimeError("broken")

    runs = JobRuns(house.resources)
    job = Job("fails", 2, fails)
    assert not await runs.on_tick(job)
    assert not await runs.on_tick(job)


async def test_without_published_rules_the_jobs_have_nothing_to_do(house: House) -> None:
    await house.resources.pool.execute("DELETE FROM rule_version")
    runs = JobRuns(house.resources)
    succeeded = {job.name: await runs.on_tick(job) for job in schedule()}
    assert not any(succeeded[name] for name in ("deliver_notices", "warn_expiring", "wake_silent"))
    assert succeeded["drop_expired_sessions"]


async def test_a_long_run_is_not_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tick ends well before ARQ would tell of a failure; the run goes on."""
    monkeypatch.setattr(job_runs, "TICK_WAIT_S", 0.05)
    go_on, ended = asyncio.Event(), 0

    async def long(_resources: Resources, _now: datetime) -> None:
        nonlocal ended
        await go_on.wait()
        ended += 1

    runs, job = JobRuns(house.resources), Job("long", 1, long)
    assert not await runs.on_tick(job)
    assert not await runs.on_tick(job)
    go_on.set()
    await runs.drain()
    assert ended == 1
    assert await runs.on_tick(job)
