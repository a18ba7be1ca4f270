"""From a tick to a run of its job: at most one run of a job at a time in this process, and none cut short.

ARQ is a doorbell. A run goes on in a task of its own, so neither ARQ's time limit nor the loss of Redis cancels a
message that is just being sent.
"""

import asyncio
from time import perf_counter
from typing import Final

import structlog

from base import gauges
from loyalty.programme.live import NoRulesPublished
from runtime.resources import Resources
from tasks.schedule import Job

FAREWELL_S: Final = 20.0
"""Longer than a run's budget and the three sends it may have begun last."""
PATIENCE_S: Final = 9.0
"""Less than ARQ allows a tick, which would tell of a failure that is none."""

log = structlog.get_logger(__name__)


class Bells:
    """The runs in progress of one worker process."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._running: dict[str, asyncio.Task[bool]] = {}

    async def ring(self, job: Job) -> bool:
        """Run the job, unless it is running: then its run goes on and this tick is let go. True if a run went well.

        A run that takes longer than a tick may (the audit's) is not waited for.
        """
        if job.name in self._running:
            return False
        run = asyncio.create_task(self._run(job), name=f"job:{job.name}")
        self._running[job.name] = run
        run.add_done_callback(lambda _: self._running.pop(job.name, None))
        ended, _ = await asyncio.wait((run,), timeout=PATIENCE_S)
        return bool(ended) and run.result()

    async def fall_silent(self) -> None:
        """Let the runs in progress end; what is not over in time is cancelled, and its leases run out."""
        runs = list(self._running.values())
        if not runs:
            return
        _, late = await asyncio.wait(runs, timeout=FAREWELL_S)
        for run in late:
            run.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, job: Job) -> bool:
        began = perf_counter()
        went_well = await self._went_well(job)
        gauges.job_run(job.name, ok=went_well, seconds=perf_counter() - began)
        return went_well

    async def _went_well(self, job: Job) -> bool:
        try:
            await job.run(self._resources, self._resources.clock.now())
        except NoRulesPublished:
            return False
        except Exception:
            log.exception("job_failed", job=job.name)
            return False
        return True
