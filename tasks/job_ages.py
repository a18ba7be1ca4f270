"""How long ago each job last began, as the servers see it.

The worker's own metrics cannot tell that it does nothing: with a full Redis it lives, gets no tick and counts no failure. So each
job writes into PostgreSQL that it began, and the servers read it.
"""

import asyncio
from contextlib import suppress
from time import monotonic
from typing import Final

import asyncpg
import structlog

from base import gauges
from tasks.schedule import schedule

RECORD_EVERY_S: Final = 10.0
MEASURE_EVERY_S: Final = 15.0
LATE_S: Final = 300.0
"""Jobs get a tick every second or minute; the audit alone may take longer than this (`tasks.audit.TIMEOUT_S`)."""
MAY_BE_LONG: Final = frozenset({"audit"})

_RECORD: Final = """
INSERT INTO job_run (job, began_at) VALUES ($1, now()) ON CONFLICT (job) DO UPDATE SET began_at = excluded.began_at
"""
_AGES: Final = "SELECT job, extract(epoch FROM now() - began_at)::float8 AS age_s FROM job_run"

log = structlog.get_logger(__name__)


class Beginnings:
    """The record of one worker: each job at most every RECORD_EVERY_S."""

    def __init__(self) -> None:
        self._recorded_s: dict[str, float] = {}

    async def record(self, pool: asyncpg.Pool, job: str) -> None:
        """Store that the job begins now. Raises what the database raises."""
        if monotonic() - self._recorded_s.get(job, -RECORD_EVERY_S) < RECORD_EVERY_S:
            return
        await pool.execute(_RECORD, job)
        self._recorded_s[job] = monotonic()


class JobAges:
    """The ages of all jobs, measured by a server; a job that was never recorded counts from the first measurement."""

    def __init__(self) -> None:
        self._since_s = monotonic()
        self._late: set[str] = set()

    async def measure(self, pool: asyncpg.Pool) -> dict[str, float]:
        """Set the metric of each job; its seconds since the last beginning, by job. Raises what the database raises."""
        known = await job_ages(pool)
        ages = {job.name: known.get(job.name, monotonic() - self._since_s) for job in schedule()}
        for job, age_s in ages.items():
            gauges.job_age(job, age_s)
            self._report(job, age_s)
        return ages

    def _report(self, job: str, age_s: float) -> None:
        if age_s <= LATE_S or job in MAY_BE_LONG:
            self._late.discard(job)
        elif job not in self._late:
            self._late.add(job)
            log.error("job_does_not_run", job=job, for_s=round(age_s))


async def job_ages(pool: asyncpg.Pool) -> dict[str, float]:
    """The seconds since each job last began; a job that never did is left out. Raises what the database raises."""
    return {row["job"]: row["age_s"] for row in await pool.fetch(_AGES)}


async def watch_jobs(pool: asyncpg.Pool) -> None:
    """Measure the ages of all jobs every MEASURE_EVERY_S, until cancelled."""
    ages = JobAges()
    while True:
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await ages.measure(pool)
        await asyncio.sleep(MEASURE_EVERY_S)
