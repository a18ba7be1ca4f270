"""The ARQ worker: rings each job by its schedule, and comes back by itself after Redis was away.

Nothing of value is in ARQ's queue. Jobs take no arguments and leave no results; what is due stands in PostgreSQL. So a
lost Redis, a lost tick or a tick run twice changes nothing.
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

from runtime.resources import Resources
from tasks.bells import Bells
from tasks.connections import Connections, connect
from tasks.schedule import Job, schedule

QUEUE: Final = "jifen:quick"
HEALTH_KEY: Final = "jifen:worker:health"
"""Redis holds this key while a worker is alive, renewed every ten seconds."""

_HEALTH_EVERY_S: Final = 10
_TIMEOUT_S: Final = 10
_PAUSES_S: Final = (0.5, 1.0, 2.0, 5.0)
_STEADY_S: Final = 30.0

log = structlog.get_logger(__name__)


async def run_worker(resources: Resources, stop: asyncio.Event | None = None) -> None:
    """Work until `stop` is set; without one, until SIGTERM or SIGINT. Runs in progress are let end first."""
    # ARQ tells of every tick it starts and ends; failures are told by Bells.
    logging.getLogger("arq.worker").setLevel(logging.WARNING)
    if resources.settings.redis_url is None:
        raise ValueError("the worker needs the address of a Redis")
    bells = Bells(resources)
    try:
        if stop is not None:
            await _work(resources.settings.redis_url, bells, stop)
            return
        with _stopped_by_signals() as stopped:
            await _work(resources.settings.redis_url, bells, stopped)
    finally:
        await bells.fall_silent()


def build_worker(connections: Connections, bells: Bells, jobs: tuple[Job, ...]) -> Worker:
    """An ARQ worker that rings `jobs`; to be made in a running loop."""
    redis = ArqRedis(
        connections, job_serializer=to_json, job_deserializer=json.loads, default_queue_name=QUEUE
    )
    return Worker(
        cron_jobs=[_tick(bells, job) for job in jobs],
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
    """ARQ's record of a job as JSON, never pickle; what JSON does not know (an error) is written as its text."""
    return json.dumps(job, default=str).encode()


def _tick(bells: Bells, job: Job) -> CronJob:
    async def ring(ctx: dict[Any, Any]) -> None:
        await bells.ring(job)

    seconds = set(range(0, 60, job.every_s))
    return cron(ring, name=job.name, second=seconds, unique=True, timeout=_TIMEOUT_S, max_tries=1)


async def _work(redis_url: str, bells: Bells, stop: asyncio.Event) -> None:
    jobs, clock, failures = schedule(), asyncio.get_running_loop().time, 0
    while not stop.is_set():
        began = clock()
        failure = await _serve(redis_url, bells, jobs, stop)
        if failure is None:
            return
        failures = 0 if clock() - began > _STEADY_S else failures
        pause_s = _PAUSES_S[min(failures, len(_PAUSES_S) - 1)]
        failures += 1
        log.warning("worker_interrupted", error=type(failure).__name__, again_in_s=pause_s)
        await _sleep(pause_s, stop)


async def _serve(
    redis_url: str, bells: Bells, jobs: tuple[Job, ...], stop: asyncio.Event
) -> BaseException | None:
    """Run one ARQ worker until it is to stop (None) or ends by itself, as when Redis goes away (why)."""
    connections = connect(redis_url)
    worker = build_worker(connections, bells, jobs)
    running, stopping = asyncio.create_task(worker.async_run()), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
        return running.exception() if running.done() else None
    finally:
        # Not by ARQ's close(), which needs the Redis that may be away. The jobs' runs go on; see Bells.
        ended = (running, stopping, *worker.tasks.values())
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
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
