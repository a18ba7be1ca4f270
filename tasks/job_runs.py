"""From a tick to a run of its job: at most one run of each job at a time per process, and no run cut short.

ARQ only gives the ticks. A run goes on in an asyncio task of its own, so that neither ARQ's time limit nor the loss of Redis
cancels a message while it is being sent.
"""

import asyncio
from time import perf_counter
from typing import Final

import structlog

from base import gauges
from base.clock import ClockOff
from base.ending import end_tasks
from loyalty.programme.in_force.live import NoRulesPublished
from runtime.resources import Resources
from tasks.job_ages import Beginnings
from tasks.schedule import Job

DRAIN_S: Final = 20.0
"""Longer than a run's time budget plus the three sends that it may have begun at its end."""
TICK_WAIT_S: Final = 9.0
"""Less than ARQ's time limit for a tick, because ARQ would log a longer wait as a failure."""

log = structlog.get_logger(__name__)


class JobRuns:
    """The job runs in progress in one worker process."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._running: dict[str, asyncio.Task[bool]] = {}
        self._beginnings = Beginnings()

    async def on_tick(self, job: Job) -> bool:
        """Start a run of the job and wait for its end, for TICK_WAIT_S at most; True if the run ended without an error.

        A tick that finds the job running starts nothing. A run that takes longer than the tick (the audit's) goes on.
        """
        if job.name in self._running:
            return False
        run = asyncio.create_task(self._run(job), name=f"job:{job.name}")
        self._running[job.name] = run
        run.add_done_callback(lambda _: self._running.pop(job.name, None))
        ended, _ = await asyncio.wait((run,), timeout=TICK_WAIT_S)
        return bool(ended) and run.result()

    async def drain(self) -> None:
        """Wait for the runs in progress, then cancel those that have not ended within DRAIN_S; their leases run out."""
        runs = list(self._running.values())
        if not runs:
            return
        _, unfinished = await asyncio.wait(runs, timeout=DRAIN_S)
        await end_tasks(unfinished)

    async def _run(self, job: Job) -> bool:
        began = perf_counter()
        succeeded = await self._succeeds(job)
        gauges.job_run(job.name, ok=succeeded, seconds=perf_counter() - began)
        return succeeded

    async def _succeeds(self, job: Job) -> bool:
        try:
            now = self._resources.clock.now()
            await self._beginnings.record(self._resources.pool, job.name)
            await job.run(self._resources, now)
        except (NoRulesPublished, ClockOff):
            return False
        except Exception:
            log.exception("job_failed", job=job.name)
            return False
        return True
