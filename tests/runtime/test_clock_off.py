"""A server and a worker whose machine's clock runs ahead: every door says so, and nothing is lost when the clock is right again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from base.clock import ClockOff, MovableClock
from runtime.resources import open_resources
from tasks.job_runs import JobRuns
from tasks.schedule import Job
from tests.clocks import SkewedClock
from tests.house import House, made_up_settings, open_house
from tests.loyalty.waiting import until

DAY = timedelta(days=1)


@pytest.fixture
async def skewed(
    migrated_url: str, redis_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[House]:
    """The whole house on the machine's clock, which the test makes wrong."""
    clock = cast("MovableClock", SkewedClock())
    async with open_house(migrated_url, redis_url, tmp_path, unused_tcp_port, clock=clock) as opened:
        yield opened


def set_skew(house: House, skew: timedelta) -> None:
    cast("SkewedClock", house.clock).skew = skew


async def test_a_start_with_a_wrong_clock_is_refused(
    migrated_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = made_up_settings(migrated_url, redis_url, tmp_path)
    with pytest.raises(ClockOff, match="JIFEN_CLOCK_TOLERANCE_S"):
        async with open_resources(settings, SkewedClock(-DAY)):
            pass
    patient = settings.model_copy(update={"clock_tolerance_s": 3600})
    async with open_resources(patient, SkewedClock(timedelta(minutes=50))):
        pass


async def test_the_api_answers_503_and_says_when_to_come_again(skewed: House) -> None:
    phone = await skewed.follower()
    headers = await skewed.session(phone)
    member = await skewed.member_of(phone)
    before = await skewed.ledger.traces(member)
    set_skew(skewed, DAY)
    for method, path in (("POST", "/check-ins"), ("GET", "/me"), ("GET", "/rules")):
        keyed = headers | {"Idempotency-Key": "k1"}
        async with skewed.http.request(method, f"{skewed.server_url}/api/v1{path}", headers=keyed) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "30"), path
            assert (await answer.json())["code"] == "unavailable"
    async with skewed.http.get(f"{skewed.server_url}/readyz") as answer:
        assert (answer.status, await answer.json()) == (503, {"status": "not_ready", "missing": ["clock"]})
    assert await skewed.ledger.traces(member) == before
    set_skew(skewed, timedelta(0))
    async with skewed.http.post(f"{skewed.server_url}/api/v1/check-ins", headers=keyed) as answer:
        assert answer.status == 201, await answer.text()
    async with skewed.http.get(f"{skewed.server_url}/readyz") as answer:
        assert answer.status == 200


async def test_the_webhook_is_silent_and_a_retry_is_answered(skewed: House) -> None:
    phone = await skewed.follower()
    member = await skewed.member_of(phone)
    before = await skewed.ledger.traces(member)
    set_skew(skewed, DAY)
    said = asyncio.create_task(phone.say("签到"))
    await asyncio.sleep(2.0)
    assert not said.done(), "no apology: the server waits until WeChat gives up on this try"
    assert await skewed.ledger.traces(member) == before
    set_skew(skewed, timedelta(0))
    answered = await said
    assert answered["attempts"] > 1
    assert "签到成功" in answered["replies"][0]["content"]


async def test_jobs_wait(skewed: House) -> None:
    ran = []

    async def work(*_: object) -> None:
        ran.append(1)

    runs, job = JobRuns(skewed.resources), Job("work", 1, work)
    set_skew(skewed, DAY)
    assert not await runs.on_tick(job)
    set_skew(skewed, timedelta(0))
    assert await runs.on_tick(job)
    assert len(ran) == 1


async def test_an_idle_process_learns_that_the_databases_clock_has_moved_away(skewed: House) -> None:
    """The database's clock is compared every second, not only when somebody comes."""
    clock = skewed.resources.clock
    last = clock._last
    assert last is not None

    async def compared() -> bool:
        return clock._last is not last

    await until(compared, within_s=10)
