"""Jobs that go once a day through the members whom a date concerns, in pages, each member through the engine.

A sweep walks an index of (date, member_id) and never turns back, so a member for whom the engine finds nothing to do
is not picked again. Where it stands is kept in this process alone: a restart walks the day again, which changes
nothing, as every command's key names the day.
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

Mark = tuple[date, int]
"""Where a sweep stands: the date and member it has done last."""

START: Final[Mark] = (date.min, 0)
PAGE_SIZE: Final = 256
SWEEP_LANES: Final = 4
"""The worker's lanes: nobody waits for a single command here, and one lane's commit is another's time to decide."""
PAGES_AT_ONCE: Final = SWEEP_LANES + 1
"""One for each lane of the engine, and one that is read and built meanwhile."""

log = structlog.get_logger(__name__)


class Sweep(Protocol):
    """A job that goes on behind `after` and returns how far it came; None when nothing is left for today."""

    async def __call__(self, resources: Resources, now: datetime, after: Mark = START) -> Mark | None:
        """Work off pages until done or out of time. Raises EngineUnavailable."""


class Daily:
    """A sweep with its mark of the day: begun anew each business day, carried on each tick, then at rest."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._day: date | None = None
        self._mark: Mark | None = None

    async def __call__(self, resources: Resources, now: datetime) -> None:
        """Carry the sweep on. An error leaves the mark where it was, so the next tick repeats the pages since."""
        today = business_day(now, resources.zone)
        if today != self._day:
            self._day, self._mark = today, START
        if self._mark is not None:
            self._mark = await self._sweep(resources, now, self._mark)


async def walk(
    engine: Engine,
    after: Mark,
    page: Callable[[Mark, int], Awaitable[Sequence[asyncpg.Record]]],
    command: Callable[[asyncpg.Record], Command],
) -> Mark | None:
    """Run the command for all that are due, in order, until done or out of time.

    `page(after, limit)` gives the next `limit` that the date concerns, due or not: so a page costs the same however many have had
    theirs. A row begins with the date and `member_id`, and says whether it is `due`. Returns the last one looked at, or None when
    nothing is left. Raises EngineUnavailable.
    """
    budget, running = Budget(), deque[asyncio.Task[None]]()
    try:
        while budget.has_time():
            found = await page(after, PAGE_SIZE)
            members = {row["member_id"]: command(row) for row in found if row["due"]}
            running.append(asyncio.create_task(_run_page(engine, list(members.values()))))
            if len(running) == PAGES_AT_ONCE:
                await running.popleft()
            if len(found) < PAGE_SIZE:
                return None
            after = found[-1][:2]
        return after
    finally:
        await _all(running)


async def _all(running: Iterable["asyncio.Task[None]"]) -> None:
    """Wait for every page, then raise the first error: the caller's mark must not pass one that failed."""
    ended = await asyncio.gather(*running, return_exceptions=True)
    for error in ended:
        if error is not None:
            raise error


async def _run_page(engine: Engine, commands: Sequence[Command]) -> None:
    """One member's error must not keep the others from their turn; it is logged, and met again tomorrow."""
    try:
        await engine.run_all(commands)
    except EngineUnavailable:
        raise
    except Exception:  # noqa: BLE001 - found again and logged below, member by member
        for command in commands:
            await _run_alone(engine, command)


async def _run_alone(engine: Engine, command: Command) -> None:
    try:
        await engine.run(command)
    except EngineUnavailable:
        raise
    except Exception:
        log.exception("job_command_failed", command=command.name, member_id=command.member_id)
