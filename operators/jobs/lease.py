"""Which process works at a job: one, as long as it gives a sign of life. All times here are the database's own.

A process claims a waiting job and writes its name (`runner`) into the row. Each further statement of it names both, so that a
process that was thought dead, and has lost its job, changes nothing any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import asyncpg
import orjson

from operators.jobs.rows import COLUMNS, Job, job_of

LEASE: Final = timedelta(seconds=60)
"""Longer than a process may be busy with one step, such as closing a large workbook."""
MOST_ATTEMPTS: Final = 3
"""How often a job is continued by itself: work that ends its process must not end every process after it."""
KEPT: Final = timedelta(days=90)

NEXT: Final = "SELECT number FROM operator_job WHERE state = 'waiting' ORDER BY number LIMIT 1"
CLAIM: Final = f"""
UPDATE operator_job SET state = 'running', runner = $2, beat_at = now(), attempts = attempts + 1, done = 0, total = NULL
WHERE number = $1 AND state = 'waiting' RETURNING {COLUMNS}
"""  # noqa: S608  # our own names
BEAT: Final = """
UPDATE operator_job SET beat_at = now(), done = $3, total = $4 WHERE number = $1 AND runner = $2 RETURNING stop_asked
"""
END: Final = """
UPDATE operator_job SET state = $3, runner = NULL, beat_at = now(), lines = $4::text::jsonb, files = $5::text::jsonb, follow = $6,
    error = $7, ended_at = $8
WHERE number = $1 AND runner = $2 RETURNING number
"""
GIVE_BACK: Final = """
UPDATE operator_job SET runner = NULL,
    state = CASE WHEN stop_asked THEN 'stopped' WHEN kind = ANY($3::text[]) THEN 'waiting' ELSE 'interrupted' END,
    ended_at = CASE WHEN kind = ANY($3::text[]) AND NOT stop_asked THEN NULL ELSE $4::timestamptz END
WHERE number = $1 AND runner = $2
"""
LOST: Final = """
UPDATE operator_job SET runner = NULL,
    state = CASE WHEN stop_asked THEN 'stopped' WHEN kind = ANY($2::text[]) AND attempts < $3 THEN 'waiting' ELSE 'interrupted' END,
    ended_at = CASE WHEN kind = ANY($2::text[]) AND attempts < $3 AND NOT stop_asked THEN NULL ELSE $4::timestamptz END
WHERE state = 'running' AND beat_at < now() - $1::interval
"""
FORGET: Final = (
    "DELETE FROM operator_job WHERE state NOT IN ('waiting', 'running') AND beat_at < now() - $1::interval"
)
FOLDERS: Final = "SELECT folder FROM operator_job WHERE state IN ('waiting', 'running') AND folder <> ''"


@dataclass(frozen=True)
class Ended:
    """How a job ended: `done`, `failed` with a sentence, or `stopped`; its lines, its files, and the words of a next step."""

    state: str
    lines: Sequence[str] = ()
    files: Sequence[str] = ()
    follow: str = ""
    error: str = ""


async def claim(pool: asyncpg.Pool, runner: str) -> Job | None:
    """The job that has waited longest, for this process alone; None if none waits or another process was quicker."""
    number = await pool.fetchval(NEXT)
    row = None if number is None else await pool.fetchrow(CLAIM, number, runner)
    return None if row is None else job_of(row)


async def beat(pool: asyncpg.Pool, runner: str, number: int, done: int, total: int | None) -> bool | None:
    """Give a sign of life and say how far it is: whether it is to stop; None if the job is no longer this process's."""
    asked: bool | None = await pool.fetchval(BEAT, number, runner, done, total)
    return asked


async def end(pool: asyncpg.Pool, runner: str, number: int, ended: Ended, now: datetime) -> bool:
    """Write down how the job ended; False if it was no longer this process's."""
    lines = orjson.dumps([_storable(line) for line in ended.lines]).decode()
    files = orjson.dumps(list(ended.files)).decode()
    values = ended.state, lines, files, ended.follow, _storable(ended.error), now
    return await pool.fetchval(END, number, runner, *values) is not None


async def give_back(
    pool: asyncpg.Pool, runner: str, number: int, continued: Sequence[str], now: datetime
) -> None:
    """Leave a job because this process ends: one of the `continued` kinds waits for the next, another one is interrupted."""
    await pool.execute(GIVE_BACK, number, runner, continued, now)


async def take_from_the_dead(pool: asyncpg.Pool, continued: Sequence[str], now: datetime) -> None:
    """Have jobs continued, or named interrupted, whose process gave no sign of life for LEASE."""
    await pool.execute(LOST, LEASE, continued, MOST_ATTEMPTS, now)


async def forget_old(pool: asyncpg.Pool) -> set[str]:
    """Delete jobs that ended long ago; the folders of those that are open."""
    await pool.execute(FORGET, KEPT)
    return {row["folder"] for row in await pool.fetch(FOLDERS)}


def _storable(text: str) -> str:
    """Without the NUL that PostgreSQL takes in no text; a line may quote a cell of a file."""
    return text.replace("\0", "")
