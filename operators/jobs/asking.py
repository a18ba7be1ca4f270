"""What operators ask of jobs: begin one, take its next step, stop it, begin it again. A job's process sees what its row says."""

from collections.abc import Mapping
from typing import Any, Final

import asyncpg
import orjson

from operators.desk import Desk
from operators.jobs.rows import ACTIONS, Job, find_job, next_of
from operators.roles import NotAllowed

INSERT: Final = """
INSERT INTO operator_job (kind, title, subject, parameters, folder, parent, operator_id, operator, origin, begun_at, state,
    attempts, beat_at, stop_asked, done, lines, files, follow, error)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7, $8, $9, $10, 'waiting', 0, now(), false, 0, '[]', '[]', '', '')
ON CONFLICT (parent) DO NOTHING RETURNING number
"""
ASK_STOP: Final = (
    "UPDATE operator_job SET stop_asked = true WHERE number = $1 AND state = 'running' RETURNING number"
)
STOP_WAITING: Final = """
UPDATE operator_job SET state = 'stopped', stop_asked = true, ended_at = $2 WHERE number = $1 AND state = 'waiting' RETURNING number
"""
RESTART: Final = """
UPDATE operator_job SET state = 'waiting', attempts = 0, stop_asked = false, done = 0, total = NULL, error = '', ended_at = NULL
WHERE number = $1 AND state IN ('interrupted', 'stopped', 'failed') RETURNING number
"""


class JobFault(ValueError):
    """What is asked of a job cannot be; the message is one Chinese sentence."""


async def begin_job(
    desk: Desk, kind: str, title: str, parameters: Mapping[str, Any], *, folder: str = "", subject: str = ""
) -> int:
    """Write a job down, which a process of the console begins at once; its number. Raises NotAllowed and EngineUnavailable."""
    await desk.require(ACTIONS[kind])
    values = _values(desk, kind, title, parameters, folder=folder, subject=subject)

    async def begin(connection: asyncpg.Connection) -> int:
        number: int = await connection.fetchval(INSERT, *values)
        return number

    return await desk.change(begin)


async def take_next_step(desk: Desk, number: int, title: str) -> int:
    """Book the good rows of a file that was checked; the number of the import, the same one however often this is asked.

    Raises NotAllowed, JobFault and EngineUnavailable.
    """
    checked = await _own(desk, number)
    if not checked.follow or checked.state != "done":
        raise JobFault("这个任务没有下一步。")
    values = _values(desk, "import", title, checked.parameters, folder=checked.folder, parent=number)

    async def begin(connection: asyncpg.Connection) -> int:
        begun: int | None = await connection.fetchval(INSERT, *values)
        return begun if begun is not None else await next_of(connection, number) or 0

    return await desk.change(begin)


async def stop_job(desk: Desk, number: int) -> None:
    """Have a job stopped at its next step, whichever process works at it. Raises NotAllowed, JobFault and EngineUnavailable."""
    job = await _seen(desk, number)
    if desk.operator.role != "owner" and job.operator_id != desk.operator.operator_id:
        raise NotAllowed("只有开始这个任务的人和老板能停下它。")

    async def stop(connection: asyncpg.Connection) -> None:
        stopped = await connection.fetchval(STOP_WAITING, number, desk.now())
        if stopped is None and await connection.fetchval(ASK_STOP, number) is None:
            raise JobFault("这个任务已经结束。")
        await desk.note(connection, job.action, str(number), after={"does": "stop_job", "job": job.title})

    await desk.change(stop)


async def restart_job(desk: Desk, number: int) -> None:
    """Begin a job again that was interrupted, stopped or failed. What an import booked before is not booked twice.

    Raises NotAllowed, JobFault and EngineUnavailable.
    """
    job = await _own(desk, number)

    async def restart(connection: asyncpg.Connection) -> None:
        if await connection.fetchval(RESTART, number) is None:
            raise JobFault("这个任务不用重新开始：它还在进行，或者已经完成。")
        await desk.note(connection, job.action, str(number), after={"does": "restart_job", "job": job.title})

    await desk.change(restart)


def _values(
    desk: Desk,
    kind: str,
    title: str,
    parameters: Mapping[str, Any],
    *,
    folder: str = "",
    subject: str = "",
    parent: int | None = None,
) -> tuple[object, ...]:
    one = desk.operator
    told = orjson.dumps(parameters).decode()
    return kind, title, subject, told, folder, parent, one.operator_id, one.name, desk.origin, desk.now()


async def _seen(desk: Desk, number: int) -> Job:
    job = await find_job(desk.resources.pool, number)
    if job is None:
        raise JobFault("没有这个任务。")
    await desk.require(job.action)
    return job


async def _own(desk: Desk, number: int) -> Job:
    """A job of the operator's own; at the command line any, because it has the machine in its hands."""
    job = await _seen(desk, number)
    if desk.session is not None and job.operator_id != desk.operator.operator_id:
        raise NotAllowed("只有开始这个任务的人能这样做。")
    return job
