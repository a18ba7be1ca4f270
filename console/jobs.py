"""Long work in this process: it goes on when the browser is closed, tells how far it is, and can be stopped.

Jobs are forgotten when the console ends; what they write is written in transactions of their own, so a job that ends half-way has
done what it told and nothing else, and can be run again.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

log = structlog.get_logger(__name__)

MOST_KEPT: Final = 100


@dataclass
class Job:
    """One piece of long work. `lines` is its result, once it has ended well; `error` a Chinese sentence if it has not."""

    number: int
    title: str
    by: str
    begun_at: datetime
    done: int = 0
    total: int | None = None
    lines: list[str] = field(default_factory=list)
    error: str = ""
    stopped: bool = False
    task: "asyncio.Task[None] | None" = None

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self.task is not None and not self.task.done()

    def progress(self, done: int, total: int | None) -> None:
        """Note how far it is."""
        self.done, self.total = done, total

    def stop(self) -> None:
        """End it at its next step."""
        if self.running and self.task is not None:
            self.stopped = True
            self.task.cancel()


Work = Callable[[Job], Awaitable[list[str]]]

_numbers = itertools.count(1)
_jobs: dict[int, Job] = {}


def start(title: str, by: str, now: datetime, work: Work) -> Job:
    """Begin a job in the running event loop."""
    job = Job(next(_numbers), title, by, now)
    job.task = asyncio.create_task(_run(job, work))
    _jobs[job.number] = job
    for number in [one for one, other in _jobs.items() if not other.running][:-MOST_KEPT]:
        del _jobs[number]
    return job


def find(number: int) -> Job | None:
    """The job of that number, if this process has it."""
    return _jobs.get(number)


def jobs() -> list[Job]:
    """All jobs that this process remembers, newest first."""
    return [_jobs[number] for number in sorted(_jobs, reverse=True)]


async def _run(job: Job, work: Work) -> None:
    try:
        job.lines = await work(job)
    except asyncio.CancelledError:
        job.stopped = True
    except Exception as error:
        log.exception("job_failed", job=job.title)
        job.error = f"没有做完：{type(error).__name__}。详情在后台的日志里。"
