"""Long work of the console: how far it is, its result, its end by hand and by a fault, and how many are kept."""

import asyncio

import pytest

from console import jobs
from console.jobs import MOST_KEPT, Job, find, start
from tests.ledger import START


@pytest.fixture(autouse=True)
def none_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_jobs", {})


async def ended(job: Job) -> Job:
    assert job.task is not None
    await asyncio.wait([job.task])
    return job


async def test_a_job_tells_how_far_it_is_and_then_its_result() -> None:
    half, on = asyncio.Event(), asyncio.Event()

    async def work(job: Job) -> list[str]:
        job.progress(1, 2)
        half.set()
        await on.wait()
        return ["都做完了"]

    job = start("导入会员", "小运", START, work)
    await half.wait()
    assert (job.running, job.done, job.total, job.lines) == (True, 1, 2, [])
    on.set()
    await ended(job)
    assert (job.running, job.lines, job.error, job.stopped) == (False, ["都做完了"], "", False)
    assert find(job.number) is job


async def test_a_job_can_be_stopped() -> None:
    async def forever(job: Job) -> list[str]:
        await asyncio.Event().wait()
        return []

    job = start("回测", "小运", START, forever)
    await asyncio.sleep(0)
    job.stop()
    await ended(job)
    assert (job.running, job.stopped, job.lines, job.error) == (False, True, [], "")
    job.stop()
    assert job.stopped


async def test_a_fault_ends_a_job_with_a_sentence() -> None:
    async def broken(job: Job) -> list[str]:
        raise ValueError("secret")

    job = await ended(start("导出", "小运", START, broken))
    assert job.error == "没有做完：ValueError。详情在后台的日志里。"
    assert (job.lines, job.stopped) == ([], False)


async def test_the_last_hundred_that_ended_are_kept_and_all_that_run() -> None:
    async def forever(job: Job) -> list[str]:
        await asyncio.Event().wait()
        return []

    async def nothing(job: Job) -> list[str]:
        return []

    running = start("回测", "小运", START, forever)
    for _ in range(MOST_KEPT + 10):
        await ended(start("导出", "小运", START, nothing))
    kept = jobs.jobs()
    assert running in kept
    assert MOST_KEPT <= len(kept) <= MOST_KEPT + 2
    assert [job.number for job in kept] == sorted((job.number for job in kept), reverse=True)
    running.stop()
    await ended(running)
