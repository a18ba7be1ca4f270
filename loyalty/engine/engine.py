"""The engine runs all commands, many of them in one transaction: load, decide, store.

Commands that arrive while a transaction is in flight go together into the next one, so there is no timer, and no added wait when
idle. A process has at most one command of a member in flight, in the order of arrival; the account's version tells when another
process has written for the member meanwhile. Follow-ups of a command's own member run before its caller is answered, those of other
members afterwards.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import TypeVar

import asyncpg
import structlog

from base.checked_clock import CheckedClock
from base.clock import ClockOff
from loyalty.engine import follow_ups
from loyalty.engine.answering import Answers
from loyalty.engine.batch import Context
from loyalty.engine.command import Command
from loyalty.engine.lanes import Lanes
from loyalty.engine.outcomes import Decision
from loyalty.engine.queue import Queue
from loyalty.engine.rules import NoRules
from loyalty.engine.transactions import EngineUnavailable, retried
from loyalty.ledger.writes import FollowUp

log = structlog.get_logger()
T = TypeVar("T")

LANES = 2


class Engine:
    """Runs commands in at most `lanes` transactions at a time, up to `batch_size` commands each. Open it with `async with`."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        context: Context,
        *,
        lanes: int = LANES,
        batch_size: int = 256,
        lane_pool: asyncpg.Pool | None = None,
    ) -> None:
        """`lane_pool` holds connections for the lanes alone, so that many readers cannot use them up."""
        self._pool, self.context = pool, context
        self._queue = Queue(batch_size)
        self._answers = Answers(self)
        self._lanes = Lanes(lane_pool or pool, self._queue, context, self._put_in_force, self._answers.give)
        self._lane_count = lanes
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def clock(self) -> CheckedClock:
        """The clock, which tells no time while it differs too much from the database's."""
        return self.context.clock

    async def __aenter__(self) -> "Engine":
        for _ in range(self._lane_count):
            self.spawn(self._lanes.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish the commands that wait, then stop."""
        self._queue.close()
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def run(self, command: Command) -> Decision:
        """Decide one command and store its outcome. A refusal is returned, not raised.

        The command finishes even if its caller is cancelled. Raises EngineUnavailable when the database was unavailable in every
        attempt or while the clock is off, TooManyWaiting, and whatever error the command itself caused.
        """
        return await self._queue.add(command)

    async def run_all(self, commands: Iterable[Command]) -> list[Decision]:
        """The decisions on many commands, in the order given. Raises the first error after all have finished."""
        futures = [self._add(command) for command in commands]
        answers = await asyncio.gather(*futures, return_exceptions=True)
        decisions = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            decisions.append(answer)
        return decisions

    def _add(self, command: Command) -> "asyncio.Future[Decision]":
        """The queue's future; if the queue refuses the command, a future that has failed with the queue's error."""
        try:
            return self._queue.add(command)
        except EngineUnavailable as error:
            failed: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
            failed.set_exception(error)
            return failed

    async def settle(self) -> None:
        """Wait until the follow-ups of all commands answered so far have run, or are left to the worker's job."""
        await self._answers.settle()

    async def transact(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Run `work`, which must be safe to repeat, in one transaction. Raises EngineUnavailable, also while the clock is off."""

        async def checked(connection: asyncpg.Connection) -> T:
            await self.check_clock(connection)
            return await work(connection)

        try:
            return await retried(self._pool, checked)
        except ClockOff as error:
            raise EngineUnavailable(str(error)) from error

    async def check_clock(self, database: asyncpg.Connection | asyncpg.Pool | None = None) -> None:
        """Compare the clock with the database's. Raises ClockOff, and what the database raises."""
        reading = self.clock.read_unchecked()
        self.clock.compare(reading, await (database or self._pool).fetchval("SELECT clock_timestamp()"))

    async def _put_in_force(self) -> None:
        await self.transact(self.context.rules.put_in_force)

    async def run_follow_up(self, follow_up: FollowUp, at: datetime) -> Decision:
        """Run the command of a stored follow-up row and record its outcome in the row. Raises as `run`."""
        decision = await self.run(self.context.registry.command_of(follow_up, follow_up.member_id, at))
        await follow_ups.record(self._pool, follow_up, decision.outcome, self.clock.now())
        return decision

    async def run_left_by(self, causer_id: int, member_id: int) -> None:
        """Run what receipts of the member `causer_id` left to another member and is not done. Raises as `run`."""
        for follow_up, at in await follow_ups.left_by(self._pool, causer_id, member_id):
            await self.run_follow_up(follow_up, at)

    async def run_due_follow_ups(self, now: datetime, limit: int = 100) -> int:
        """Claim and run at most `limit` follow-ups that are due, such as those a crash left open; how many were claimed.

        One that fails is due again after a pause.
        """
        claimed = await follow_ups.claim(self._pool, now, limit)
        for follow_up, at in claimed:
            try:
                await self.run_follow_up(follow_up, at)
            except Exception as error:  # it must not keep the follow-ups after it from running
                log.exception("follow_up_failed", command=follow_up.command)
                counts = not isinstance(error, EngineUnavailable | NoRules)
                await follow_ups.fail(self._pool, follow_up, type(error).__name__, now, counts=counts)
        return len(claimed)

    def spawn(self, work: Awaitable[None]) -> "asyncio.Task[None]":
        """Begin work that the engine finishes before it stops."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
