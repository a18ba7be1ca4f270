"""The engine runs all commands, many of them in one transaction: load, decide, store.

Commands that arrive while a transaction is in flight go together into the next one, so there is no timer, and no added wait when
idle. A process has at most one command of a member in flight, in the order of arrival; the account's version tells when another
process has written for the member meanwhile. Follow-ups of a command's own member run before its caller is answered, those of other
members afterwards.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Final, TypeVar
from weakref import WeakValueDictionary

import asyncpg
import structlog

from base import gauges
from base.checked_clock import CheckedClock
from base.clock import ClockOff
from loyalty.engine import follow_ups
from loyalty.engine.batch import Attempt, Context, run_batch
from loyalty.engine.command import ENGINE, MEMBER, Command
from loyalty.engine.outcomes import Decision, Result
from loyalty.engine.pools import PoolShort
from loyalty.engine.queue import Job, Queue
from loyalty.engine.refusals import MemberMerged
from loyalty.engine.rules import NoRules, VersionDue
from loyalty.engine.transactions import (
    ATTEMPTS,
    EngineUnavailable,
    in_transaction,
    is_transient,
    may_have_committed,
    pause_s,
    retried,
)
from loyalty.ledger.writes import FollowUp

log = structlog.get_logger()
T = TypeVar("T")

CLAIM_ATTEMPTS: Final = 2
"""How often a command that met another's row in a directory is decided again before its error is raised."""

LANES = 2
FOLLOW_UPS_BEFORE_ANSWER = 8
"""How many follow-ups of their own member a caller waits for."""


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
        self._lane_pool = lane_pool or pool
        self._lane_count = lanes
        self._queue = Queue(batch_size)
        self._in_force = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._owed: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    @property
    def clock(self) -> CheckedClock:
        """The clock, which tells no time while it differs too much from the database's."""
        return self.context.clock

    async def __aenter__(self) -> "Engine":
        for _ in range(self._lane_count):
            self._spawn(self._lane())
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
        while self._owed:
            await asyncio.gather(*self._owed)

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

    async def _lane(self) -> None:
        while batch := await self._queue.take():
            gauges.engine_waiting(len(self._queue))
            again: list[Job] = []
            try:
                again = await self._process(batch)
            except Exception as error:  # noqa: BLE001  # the lane goes on, and every caller gets an answer
                for job in batch:
                    job.fail(error)
            self._queue.give_back(batch, again)

    async def _process(self, batch: Sequence[Job]) -> list[Job]:
        """Run one transaction for the batch and answer its jobs; returns the jobs to try again."""
        began = perf_counter()
        try:
            attempts = await in_transaction(
                self._lane_pool,
                lambda connection: run_batch(connection, batch, self.context, self._in_force),
            )
        except PoolShort:
            gauges.engine_retries("pool_short", len(batch))
            return list(batch)
        except VersionDue as due:
            return await self._put_version_in_force(due.version, batch)
        except ClockOff as error:
            for job in batch:
                job.fail(EngineUnavailable(str(error)))
            return []
        except Exception as error:  # noqa: BLE001  # each error is handled: tried again, tried alone, or raised to the caller
            return await self._recover(batch, error)
        gauges.engine_batch(len(batch), perf_counter() - began)
        gauges.engine_decided(_label(job, attempts.get(job.command.member_id)) for job in batch)
        again = []
        for job in batch:
            answer = attempts.get(job.command.member_id)
            if answer is None:
                again.append(job)
            elif isinstance(answer, Exception):
                job.fail(answer)
            elif isinstance(answer.outcome, MemberMerged) and _travels(job.command):
                self._spawn(self._send_on(job, answer.outcome.into))
            else:
                self._answer(job, answer)
        return await self._put_rules_in_force(again)

    async def _put_rules_in_force(self, again: list[Job]) -> list[Job]:
        """The jobs to try again, without those that have had their last attempt.

        A job that takes effect now is tried again at once. If the shared rows still do not fit the rules then, a rule version has
        reached its day and nobody has put it in force: do so here, pause, and try again. A job whose shared rows are due does not
        wait for a second attempt.
        """
        changed = [job for job in again if job.takes_effect_now or job.rows_due]
        for job in changed:
            job.attempts += 1
            if job.attempts >= ATTEMPTS:
                job.fail(EngineUnavailable("the wheel's table is moving"))
        if attempts := max((job.attempts - (not job.rows_due) for job in changed), default=0):
            try:
                await self.transact(self.context.rules.put_in_force)
            except Exception as error:  # noqa: BLE001  # it must not fail the other jobs of the batch
                log.warning("rules_not_put_in_force", error=type(error).__name__)
            await asyncio.sleep(pause_s(attempts))
        for job in changed:
            job.rows_due = False
        return [job for job in again if job.attempts < ATTEMPTS]

    async def _put_version_in_force(self, version: int, batch: Sequence[Job]) -> list[Job]:
        """Put the shared rows of the version that the batch met in force, such as sizes of pools, then run the batch.

        So stock binds with its version, at the instant that the version names, whenever the worker's job runs. The batch keeps its
        lane meanwhile: those who were first at that instant must not stand behind later ones. Returns the jobs to try again.
        """
        try:
            await self.transact(self.context.rules.put_in_force)
        except Exception as error:  # noqa: BLE001  # as in `_process`
            return await self._recover(batch, error)
        self._in_force = version
        return await self._process(batch)

    async def _recover(self, batch: Sequence[Job], error: Exception) -> list[Job]:
        """After a transient error the jobs to try again: all that have attempts left, after a pause.

        Two members may claim one row of a directory at once, such as an order's. The one who loses is decided again, alone, reads
        whose it is now, and is refused.

        After any other error each job is tried in a batch of its own, so that only the command that causes the error fails.
        """
        lost_a_claim = (
            isinstance(error, asyncpg.UniqueViolationError)
            and len(batch) == 1
            and batch[0].attempts < CLAIM_ATTEMPTS
        )
        if lost_a_claim or is_transient(error, alone=len(batch) == 1):
            log.warning("engine_transient_error", error=type(error).__name__, commands=len(batch))
            gauges.engine_retries("transient", len(batch))
            await asyncio.sleep(pause_s(max(job.attempts for job in batch)))
            for job in batch:
                job.attempts += 1
                job.may_have_committed = job.may_have_committed or may_have_committed(error)
            given_up = [job for job in batch if job.attempts >= ATTEMPTS]
            for job in given_up:
                job.fail(EngineUnavailable("database unavailable"))
            return [job for job in batch if job not in given_up]
        if len(batch) == 1:
            gauges.engine_decided([_label(batch[0], error)])
            batch[0].fail(error)
            return []
        log.error("engine_batch_failed", exc_info=error, commands=len(batch))
        gauges.engine_retries("batch_failed", len(batch))
        for job in batch:
            job.alone = True
        return list(batch)

    def _answer(self, job: Job, decision: Decision) -> None:
        if job.follow_ups:
            self._owed.add(task := self._spawn(self._answer_after_follow_ups(job, decision)))
            task.add_done_callback(self._owed.discard)
        else:
            job.succeed(decision)

    async def _answer_after_follow_ups(self, job: Job, decision: Decision) -> None:
        """Run the member's own follow-ups, FOLLOW_UPS_BEFORE_ANSWER at most, then answer, then run the others.

        The caller waits for no other member: an inviter whose 400 friends sign in at once gets their 400 rewards one by one.
        """
        member_id = job.command.member_id
        own = [one for one in job.follow_ups if one.member_id == member_id][:FOLLOW_UPS_BEFORE_ANSWER]
        ran = await self._run_or_defer(own, job)
        reactions = self.context.registry.reactions(type(decision.outcome))
        names = {reaction.follow_up.name for _, reaction in reactions}
        consequences = tuple(
            outcome
            for follow_up, followed in ran
            if follow_up.command in names and isinstance(followed.outcome, Result)
            for outcome in (followed.outcome, *followed.consequences)
        )
        job.succeed(replace(decision, consequences=consequences))
        await self._run_or_defer([one for one in job.follow_ups if one not in own], job)

    async def _run_or_defer(self, rows: Sequence[FollowUp], job: Job) -> list[tuple[FollowUp, Decision]]:
        """Run follow-ups one after the other; those that ran, each with its decision.

        A follow-up that fails is left to the worker's job. When the database or this engine is gone, so are all after it.
        """
        ran: list[tuple[FollowUp, Decision]] = []
        for follow_up in rows:
            try:
                async with self._turn(follow_up, job):
                    at = job.effective_at or job.command.at
                    ran.append((follow_up, await self.run_follow_up(follow_up, at)))
            except EngineUnavailable as error:
                log.warning("follow_ups_deferred", command=job.command.name, error=type(error).__name__)
                break
            except Exception:
                log.exception("follow_up_deferred", command=job.command.name)
        return ran

    def _turn(self, follow_up: FollowUp, job: Job) -> AbstractAsyncContextManager[object]:
        """The right to queue a follow-up: of those owed to a member by others, one at a time.

        So the member's own commands wait for one of them, however many are owed.
        """
        if follow_up.member_id == job.command.member_id:
            return nullcontext()
        return self._turns.setdefault(follow_up.member_id, asyncio.Lock())

    async def _send_on(self, job: Job, into: int) -> None:
        """Answer a job of a merged member by running its command for the member they were merged into.

        What the merged member's own receipts left to that one runs first: a crash may have left their half of the merge open, and
        without it they lack what the merged member has done today.
        """
        try:
            await self.run_left_by(job.command.member_id, into)
            job.succeed(await self._queue.add(_for_another(job.command, into)))
        except Exception as error:  # noqa: BLE001  # the caller gets it
            job.fail(error)

    def _spawn(self, work: Awaitable[None]) -> "asyncio.Task[None]":
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _travels(command: Command) -> bool:
    return command.travels and command.actor in (MEMBER, ENGINE)


def _for_another(command: Command, member_id: int) -> Command:
    """The same command for the member into whom its own member was merged.

    A member's request keeps its key, with which they may come again. The keys of follow-ups count their own member's receipts, so
    the other may have the same.
    """
    key = command.request_key
    if command.actor == ENGINE:
        key = f"{key}|{command.member_id}"
    return replace(command, member_id=member_id, request_key=key)


def _label(job: Job, answer: Attempt) -> tuple[str, str]:
    """The command and what it came to, as the metrics have it; "conflict" when another process was faster."""
    if answer is None:
        return job.command.name, "conflict"
    return job.command.name, "error" if isinstance(answer, Exception) else answer.outcome.code
