"""Long work in this process: it goes on when the browser is closed, tells how far it is, and can be stopped.

Jobs are forgotten when the console ends; what they write is written in transactions of their own, so a job that ends half-way has
done what it told and nothing else, and can be run again.
"""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import structlog

from moving.problems import CannotBegin
from operators.roles import Action, NotAllowed

log = structlog.get_logger(__name__)

MOST_KEPT: Final = 100


@dataclass
class Job:
    """One piece of long work. `lines` is its result, once it has ended well; `error` a Chinese sentence if it has not.

    `action` is what a role must be allowed to see it. `subject` names what it is about, so that its result can be found. `files`
    are results to download, for whoever began it alone: they live in `folder` as long as the job is remembered. `follow` is a next
    step that they may take: its words, and what begins it.
    """

    number: int
    title: str
    by: str
    begun_at: datetime
    done: int = 0
    total: int | None = None
    lines: list[str] = field(default_factory=list)
    error: str = ""
    stopped: bool = False
    action: Action = Action.LOOK_RULES
    subject: str = ""
    folder: "TemporaryDirectory[str] | None" = None
    files: list[Path] = field(default_factory=list)
    follow: "tuple[str, Callable[[], Job]] | None" = None
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


def start(
    title: str, by: str, now: datetime, work: Work, *, action: Action = Action.LOOK_RULES,
    subject: str = "", folder: "TemporaryDirectory[str] | None" = None,
) -> Job:  # fmt: skip
    """Begin a job in the running event loop."""
    job = Job(next(_numbers), title, by, now, action=action, subject=subject, folder=folder)
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
    except (NotAllowed, CannotBegin) as refused:
        job.error = str(refused)
    except Exception as error:
        log.exception("job_failed", job=job.title)
        job.error = f"没有做完：{type(error).__name__}。详情在后台的日志里。"
