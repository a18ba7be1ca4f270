"""Jobs that do not run, told by the servers: from the database, whatever Redis and the worker say."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis

from embedded import embedded_servers
from tasks.job_ages import LATE_S, Beginnings, JobAges
from tasks.job_runs import JobRuns
from tasks.schedule import Job, schedule
from tasks.worker import run_worker
from tests.house import House, made_up_settings
from tests.loyalty.waiting import until


async def nothing(*_: object) -> None:
    """A job that finds nothing to do."""


async def test_a_job_that_runs_is_young_and_one_that_never_ran_counts_from_the_start(house: House) -> None:
    runs, pool = JobRuns(house.resources), house.resources.pool
    await runs.on_tick(Job("follow_ups", 1, nothing))
    ages = await JobAges().measure(pool)
    assert ages.keys() == {job.name for job in schedule()}
    assert all(0 <= age_s < 60 for age_s in ages.values())
    await pool.execute("UPDATE job_run SET began_at = began_at - interval '10 minutes'")
    assert (await JobAges().measure(pool))["follow_ups"] > LATE_S
    shown = REGISTRY.get_sample_value("jifen_job_age_seconds", {"job": "follow_ups"})
    assert shown is not None
    assert shown > LATE_S


async def test_a_late_job_is_logged_once(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    pool, ages = house.resources.pool, JobAges()
    await Beginnings().record(pool, "follow_ups")
    await pool.execute("UPDATE job_run SET began_at = began_at - interval '10 minutes'")
    for _ in range(3):
        await ages.measure(pool)
    assert capsys.readouterr().out.count("job_does_not_run") == 1
    await Beginnings().record(pool, "follow_ups")
    assert (await ages.measure(pool))["follow_ups"] < 60


async def test_a_beginning_is_not_written_with_each_tick(house: House) -> None:
    runs, pool = JobRuns(house.resources), house.resources.pool
    await runs.on_tick(Job("follow_ups", 1, nothing))
    await pool.execute("UPDATE job_run SET began_at = began_at - interval '1 hour'")
    await runs.on_tick(Job("follow_ups", 1, nothing))
    assert await pool.fetchval("SELECT now() - began_at > interval '1 hour' FROM job_run")


async def test_with_a_full_redis_no_job_begins_and_the_ages_tell(house: House, tmp_path: Path) -> None:
    """The fault as it was seen: the worker lives, its jobs get no tick, and nothing told."""
    with embedded_servers(tmp_path / "own", postgres=False, temporary=True) as servers:
        async with Redis.from_url(servers.redis_url) as redis:
            await redis.config_set("maxmemory-policy", "noeviction")
            await redis.config_set("maxmemory", "1")
        settings = made_up_settings("postgresql://unused", servers.redis_url, tmp_path)
        stop = asyncio.Event()
        with_full = house.resources.__class__(**(vars(house.resources) | {"settings": settings}))
        working = asyncio.create_task(run_worker(with_full, stop))
        ages = JobAges()
        await asyncio.sleep(2.5)
        assert await house.ledger.count("job_run") == 0
        assert min((await ages.measure(house.resources.pool)).values()) > 2
        async with Redis.from_url(servers.redis_url) as redis:
            await redis.config_set("maxmemory", "0")

        async def began() -> bool:
            return await house.ledger.count("job_run") > 0

        await until(began, within_s=30)
        stop.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(working, 20)
