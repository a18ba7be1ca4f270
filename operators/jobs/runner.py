"""Running jobs in a process of the console: it claims those that wait, gives signs of life, and leaves none behind when it ends."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg
import structlog

from base.ending import end_tasks
from loyalty.engine.transactions import EngineUnavailable
from moving.problems import CannotBegin
from operators.access.people import operator_by_id
from operators.desk import Desk, Opened
from operators.jobs import lease
from operators.jobs.folders import folder_path, old_folders, remove_folder
from operators.jobs.kinds import CONTINUED, KINDS
from operators.jobs.lease import LEASE, Ended
from operators.jobs.rows import Job
from operators.roles import NotAllowed, Operator

LANES: Final = 2
"""Jobs at a time in one process: the console's database connections are few."""
LOOK_S: Final = 0.5
BEAT_S: Final = 1.0
SWEEP_S: Final = 600.0
STEP_S: Final = 20.0
"""How long a step of the work may take yet when it is to stop."""
AWAY: Final = (
    EngineUnavailable,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    ConnectionError,
    TimeoutError,
)

log = structlog.get_logger(__name__)


@dataclass
class Progress:
    """How far a job's work is."""

    done: int = 0
    total: int | None = None

    def tell(self, done: int, total: int | None) -> None:
        """Note it."""
        self.done, self.total = done, total


@asynccontextmanager
async def running_jobs(resources: Opened) -> AsyncIterator[None]:
    """Run jobs while the block runs. At its end those under way are left to the next process, or named interrupted."""
    ending = asyncio.Event()
    looking = asyncio.create_task(_look_until(ending, resources, secrets.token_hex(8)))
    try:
        yield
    finally:
        ending.set()
        await looking


async def _look_until(ending: asyncio.Event, resources: Opened, runner: str) -> None:
    running: set[asyncio.Task[None]] = set()
    swept_at = -SWEEP_S
    while not ending.is_set():
        try:
            await _look(ending, resources, runner, running)
            if time.monotonic() - swept_at >= SWEEP_S:
                swept_at = time.monotonic()
                await sweep(resources)
        except AWAY as error:
            log.warning("jobs_wait_for_database", error=type(error).__name__)
        await _pause(ending, LOOK_S)
    await asyncio.gather(*running, return_exceptions=True)


async def _pause(ending: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await ending.wait()
    except TimeoutError:
        return


async def _look(
    ending: asyncio.Event, resources: Opened, runner: str, running: set["asyncio.Task[None]"]
) -> None:
    await lease.take_from_the_dead(resources.pool, CONTINUED, resources.clock.now())
    while len(running) < LANES and (job := await lease.claim(resources.pool, runner)) is not None:
        task = asyncio.create_task(run_job(ending, resources, runner, job))
        running.add(task)
        task.add_done_callback(running.discard)


async def sweep(resources: Opened) -> None:
    """Delete what is kept no longer: rows of jobs, and folders in which nothing has changed for a day."""
    open_names = await lease.forget_old(resources.pool)
    for name in await asyncio.to_thread(old_folders, resources.settings, open_names, time.time()):
        await asyncio.to_thread(remove_folder, resources.settings, name)


async def run_job(ending: asyncio.Event, resources: Opened, runner: str, job: Job) -> None:
    """Work at a claimed job until it ends or is to stop, belongs to another process, or this process is `ending`."""
    progress = Progress()
    work = asyncio.create_task(_work(resources, job, progress))
    ended = await _watched(ending, resources, runner, job, work, progress)
    if ended is not None:
        await _write_down(resources, runner, job, ended)
    elif ending.is_set():
        await lease.give_back(resources.pool, runner, job.number, CONTINUED, resources.clock.now())


async def _watched(
    ending: asyncio.Event,
    resources: Opened,
    runner: str,
    job: Job,
    work: "asyncio.Task[Ended]",
    progress: Progress,
) -> Ended | None:
    """How the work ended; None if it was given up, because the job is another process's or this one is ending."""
    beaten_at = time.monotonic()
    while not work.done():
        await asyncio.wait([work], timeout=BEAT_S)
        try:
            stop = await lease.beat(resources.pool, runner, job.number, progress.done, progress.total)
        except AWAY:
            stop = False if time.monotonic() - beaten_at < LEASE.total_seconds() else None
        else:
            beaten_at = time.monotonic()
        if stop is None or (ending.is_set() and not work.done()):
            log.warning("job_given_up", job=job.number, ending=ending.is_set())
            await _give_up(work)
            return None
        if stop and not work.done():
            await _give_up(work)
            return Ended("stopped")
    return work.result()


async def _give_up(work: "asyncio.Task[Ended]") -> None:
    """End the work behind its present step: what is being booked is waited for."""
    work.cancel()
    await asyncio.wait([work], timeout=STEP_S)
    await end_tasks([work])


async def _work(resources: Opened, job: Job, progress: Progress) -> Ended:
    try:
        desk = await _desk(resources, job)
        folder = folder_path(resources.settings, job.folder)
        return await KINDS[job.kind].work(desk, job, folder, progress.tell)
    except (NotAllowed, CannotBegin) as refused:
        return Ended("failed", error=str(refused))
    except Exception as error:
        log.exception("job_failed", job=job.number, kind=job.kind)
        return Ended("failed", error=f"没有做完：{type(error).__name__}。详情在后台的日志里，可以重新开始。")


async def _desk(resources: Opened, job: Job) -> Desk:
    """The desk of whoever began the job, as they are now; their session may have ended. Raises NotAllowed."""
    if job.operator_id == 0:
        return Desk(Operator(0, job.operator, "owner"), job.origin, resources)
    operator = await operator_by_id(resources.pool, job.operator_id)
    if operator is None:
        raise NotAllowed("开始这个任务的操作员已经停用，任务没有做。")
    return Desk(operator, job.origin, resources)


async def _write_down(resources: Opened, runner: str, job: Job, ended: Ended) -> None:
    """Write how the job ended; if the database stays away for long, another process finds the job without a sign of life."""
    until = time.monotonic() + LEASE.total_seconds()
    while time.monotonic() < until:
        try:
            await lease.end(resources.pool, runner, job.number, ended, resources.clock.now())
            return
        except AWAY as error:
            log.warning("job_end_waits_for_database", job=job.number, error=type(error).__name__)
            await asyncio.sleep(BEAT_S)
