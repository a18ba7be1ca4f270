"""Sweeps: daily jobs that run one command per member whom a date concerns.

A sweep pages by keyset over an index of (date, member_id) and only moves forward, so a member for whom the engine finds
nothing to do is not read twice. The cursor is kept in memory. A worker that restarts begins the day again, which changes
nothing, because every command's request key names the day.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Final, Protocol

import asyncpg
import structlog

from loyalty.engine.command import Command
from loyalty.engine.engine import Engine
from loyalty.engine.transactions import EngineUnavailable
from loyalty.ledger.calendar import business_day
from runtime.resources import Resources
from tasks.budget import Budget

Cursor = tuple[date, int]
"""How far a sweep has come: the date and the member id of the last row it has read."""

START: Final[Cursor] = (date.min, 0)
PAGE_SIZE: Final = 256
SWEEP_LANES: Final = 4
"""The engine's concurrent transactions in a worker: more than in a server, as no caller waits for a single command here."""
PAGES_AT_ONCE: Final = SWEEP_LANES + 1
"""One page per transaction of the engine, and one more that is read meanwhile."""

log = structlog.get_logger(__name__)


class Sweep(Protocol):
    """A job that continues after a cursor and returns its new cursor; None when nothing is left for today."""

    async def __call__(self, resources: Resources, now: datetime, after: Cursor = START) -> Cursor | None:
        """Process pages until none is left or the time budget is used up. Raises EngineUnavailable."""


class DailySweep:
    """A sweep with its cursor: starts at the first tick of a business day, continues at each tick until nothing is left."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._day: date | None = None
        self._cursor: Cursor | None = None

    async def __call__(self, resources: Resources, now: datetime) -> None:
        """Continue the sweep. After an error the cursor stays where it was, so the next tick repeats this tick's pages."""
        today = business_day(now, resources.zone)
        if today != self._day:
            self._day, self._cursor = today, START
        if self._cursor is not None:
            self._cursor = await self._sweep(resources, now, self._cursor)


async def run_due(
    engine: Engine,
    after: Cursor,
    page: Callable[[Cursor, int], Awaitable[Sequence[asyncpg.Record]]],
    command: Callable[[asyncpg.Record], Command],
) -> Cursor | None:
    """Run the command for every due member, in keyset order, until none is left or the time budget is used up.

    `page(after, limit)` returns the next `limit` rows whether due or not, so that a page costs the same when most members
    were handled before. A row begins with the date and `member_id`, and has a boolean `due`. Returns the cursor of the last
    row read, or None when nothing is left. Raises EngineUnavailable.
    """
    budget, running = Budget(), deque[asyncio.Task[None]]()
    try:
        while budget.has_time():
            found = await page(after, PAGE_SIZE)
            members = {row["member_id"]: command(row) for row in found if row["due"]}
            running.append(asyncio.create_task(run_page(engine, list(members.values()))))
            if len(running) == PAGES_AT_ONCE:
                await running.popleft()
            if len(found) < PAGE_SIZE:
                return None
            after = found[-1][:2]
        return after
    finally:
        await _all(running)


async def _all(running: Iterable["asyncio.Task[None]"]) -> None:
    """Wait for every page, then raise the first error, so that the caller's cursor does not pass a page that failed."""
    ended = await asyncio.gather(*running, return_exceptions=True)
    for error in ended:
        if error is not None:
            raise error


async def run_page(engine: Engine, commands: Sequence[Command]) -> None:
    """Run a page of commands; when that fails, each on its own, so that one member's error does not stop the others.

    The next day's sweep meets the failing member again.
    """
    try:
        await engine.run_all(commands)
    except EngineUnavailable:
        raise
    except Exception:  # noqa: BLE001 - _run_alone meets the error again and logs it
        for command in commands:
            await _run_alone(engine, command)


async def _run_alone(engine: Engine, command: Command) -> None:
    try:
        await engine.run(command)
    except EngineUnavailable:
        raise
    except Exception:
        log.exception("job_command_failed", command=command.name, member_id=command.member_id)
