"""The ARQ worker: gives each job its ticks by the schedule, and starts again by itself after Redis was unavailable.

ARQ's queue holds nothing that must not be lost. Jobs take no arguments and leave no results; the work that is due is rows in
PostgreSQL. So a flushed Redis, a lost tick or a tick run twice changes nothing.
"""

import asyncio
import json
import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import structlog
from arq.connections import ArqRedis
from arq.cron import CronJob, cron
from arq.worker import Worker

from base.ending import end_tasks
from runtime.resources import Resources
from tasks.connections import Connections, connect
from tasks.job_runs import JobRuns
from tasks.schedule import Job, schedule

QUEUE: Final = "jifen:quick"
HEALTH_KEY: Final = "jifen:worker:health"
"""Redis holds this key while a worker is alive, renewed every ten seconds."""

_HEALTH_EVERY_S: Final = 10
_TIMEOUT_S: Final = 10
_PAUSES_S: Final = (0.5, 1.0, 2.0, 5.0)
_STEADY_S: Final = 30.0
"""After working for so long, the next interruption starts again with the shortest pause."""

log = structlog.get_logger(__name__)


async def run_worker(resources: Resources, stop: asyncio.Event | None = None) -> None:
    """Work until `stop` is set, or until SIGTERM or SIGINT when none is given; then wait for the runs in progress.

    Raises ValueError when the settings name no Redis.
    """
    # ARQ logs the start and the end of every tick; JobRuns logs the failures.
    logging.getLogger("arq.worker").setLevel(logging.WARNING)
    if resources.settings.redis_url is None:
        raise ValueError("the worker needs the address of a Redis")
    job_runs = JobRuns(resources)
    try:
        if stop is not None:
            await _work(resources.settings.redis_url, job_runs, stop)
            return
        with _stopped_by_signals() as stopped:
            await _work(resources.settings.redis_url, job_runs, stopped)
    finally:
        await job_runs.drain()


def build_worker(connections: Connections, job_runs: JobRuns, jobs: tuple[Job, ...]) -> Worker:
    """An ARQ worker that gives `jobs` their ticks. Call it within a running event loop."""
    redis = ArqRedis(
        connections, job_serializer=to_json, job_deserializer=json.loads, default_queue_name=QUEUE
    )
    return Worker(
        cron_jobs=[_tick(job_runs, job) for job in jobs],
        redis_pool=redis,
        queue_name=QUEUE,
        job_timeout=_TIMEOUT_S,
        keep_result=0,
        max_tries=1,
        retry_jobs=False,
        max_jobs=2 * len(jobs),
        health_check_key=HEALTH_KEY,
        health_check_interval=_HEALTH_EVERY_S,
        handle_signals=False,
        log_results=False,
        job_serializer=to_json,
        job_deserializer=json.loads,
    )


def to_json(job: dict[str, Any]) -> bytes:
    """ARQ's record of a job as JSON, never pickle; a value that JSON has no type for (an error) becomes its text."""
    return json.dumps(job, default=str).encode()


def _tick(job_runs: JobRuns, job: Job) -> CronJob:
    async def tick(ctx: dict[Any, Any]) -> None:
        await job_runs.on_tick(job)

    seconds = set(range(0, 60, job.every_s))
    return cron(tick, name=job.name, second=seconds, unique=True, timeout=_TIMEOUT_S, max_tries=1)


async def _work(redis_url: str, job_runs: JobRuns, stop: asyncio.Event) -> None:
    jobs, clock, failures = schedule(), asyncio.get_running_loop().time, 0
    while not stop.is_set():
        began = clock()
        failure = await _serve(redis_url, job_runs, jobs, stop)
        if failure is None:
            return
        failures = 0 if clock() - began > _STEADY_S else failures
        pause_s = _PAUSES_S[min(failures, len(_PAUSES_S) - 1)]
        failures += 1
        log.warning("worker_interrupted", error=type(failure).__name__, retry_in_s=pause_s)
        await _sleep(pause_s, stop)


async def _serve(
    redis_url: str, job_runs: JobRuns, jobs: tuple[Job, ...], stop: asyncio.Event
) -> BaseException | None:
    """Run one ARQ worker until `stop` is set (None), or until it ends by itself, as without Redis (the error)."""
    connections = connect(redis_url)
    worker = build_worker(connections, job_runs, jobs)
    running, stopping = asyncio.create_task(worker.async_run()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        return running.exception() if running.done() else None
    finally:
        # ARQ's own close() needs a Redis that answers, so cancel its tasks instead. The jobs' runs go on; see JobRuns.
        await end_tasks((running, stopping, *worker.tasks.values()))
        await connections.drain()


async def _sleep(seconds: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return


@contextmanager
def _stopped_by_signals() -> Iterator[asyncio.Event]:
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    try:
        yield stopped
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)
