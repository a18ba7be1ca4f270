"""A job as a row: what was asked for, how far it is, and what came of it; one, a page of all, and the newest about a subject."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg
import orjson

from operators.roles import Action
from operators.views.paging import Paged, number_in, page_of

STATES: Final[Mapping[str, str]] = {
    "waiting": "排队中",
    "running": "进行中",
    "done": "完成",
    "failed": "没有做完",
    "stopped": "已停止",
    "interrupted": "中断，可以重新开始",
}
OPEN: Final = ("waiting", "running")
COLUMNS: Final = """
number, kind, title, parameters::text AS parameters, folder, parent, operator_id, operator, origin, begun_at, state, attempts,
stop_asked, done, total, lines::text AS lines, files::text AS files, follow, error, ended_at
"""
LISTED: Final = COLUMNS.replace("parameters::text", "'{}'")
ONE: Final = f"SELECT {COLUMNS} FROM operator_job WHERE number = $1"  # noqa: S608  # our own names
PAGE: Final = f"""
SELECT {LISTED} FROM operator_job WHERE ($1::bigint IS NULL OR number < $1)
AND ($2::text IS NULL OR state = $2) ORDER BY number DESC LIMIT $3
"""  # noqa: S608  # our own names
NEWEST: Final = f"""
SELECT {COLUMNS} FROM operator_job WHERE subject = $1 AND subject <> '' AND state = 'done' ORDER BY number DESC LIMIT 1
"""  # noqa: S608  # our own names
CHILD: Final = "SELECT number FROM operator_job WHERE parent = $1"

ACTIONS: Final[Mapping[str, Action]] = {
    "check_import": Action.IMPORT,
    "import": Action.IMPORT,
    "export": Action.EXPORT,
    "backtest": Action.LOOK_RULES,
}
"""What a role must be allowed to begin, see, stop and restart a job of each kind."""


@dataclass(frozen=True)
class Job:
    """A piece of long work. `lines` is its result; `error` a sentence if it failed; `files` are names within its folder.

    `follow` is a next step that whoever began it may take; its words. `done` of `total`, if that is known, says how far it is.
    """

    number: int
    kind: str
    title: str
    parameters: Mapping[str, Any]
    folder: str
    parent: int | None
    operator_id: int
    operator: str
    origin: str
    begun_at: datetime
    state: str
    attempts: int
    stop_asked: bool
    done: int
    total: int | None
    lines: Sequence[str]
    files: Sequence[str]
    follow: str
    error: str
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in OPEN

    @property
    def action(self) -> Action:
        """What a role must be allowed to see it."""
        return ACTIONS[self.kind]


async def find_job(database: asyncpg.Pool | asyncpg.Connection, number: int) -> Job | None:
    """The job of that number."""
    row = await database.fetchrow(ONE, number)
    return None if row is None else job_of(row)


async def list_jobs(pool: asyncpg.Pool, after: str = "", state: str = "", *, limit: int = 50) -> Paged[Job]:
    """A page of all jobs, newest first, without their parameters. A malformed `after` is the first page."""
    rows = await pool.fetch(PAGE, number_in(after), state or None, limit + 1)
    return page_of([job_of(row) for row in rows], limit, lambda job: str(job.number))


async def newest_about(pool: asyncpg.Pool, subject: str) -> Job | None:
    """The newest job about a subject that has ended well."""
    row = await pool.fetchrow(NEWEST, subject)
    return None if row is None else job_of(row)


async def next_of(database: asyncpg.Pool | asyncpg.Connection, number: int) -> int | None:
    """The job that is the next step of this one, if it was begun."""
    found: int | None = await database.fetchval(CHILD, number)
    return found


def job_of(row: asyncpg.Record) -> Job:
    """The job in a row of COLUMNS."""
    values = dict(row)
    jsons = {name: orjson.loads(values.pop(name)) for name in ("parameters", "lines", "files")}
    return Job(**values, **jsons)
