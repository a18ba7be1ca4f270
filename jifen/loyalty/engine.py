"""One engine runs all commands, many at a time, in one transaction: load, decide, store.

Commands that arrive while a transaction is in flight go together into the next one: no timer, no added wait when idle.
A member has at most one command in flight in a process, first come first; other processes are met by the account's
version. What a command owes to another member is run before its caller is answered.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from time import perf_counter
from typing import TypeVar
from zoneinfo import ZoneInfo

import asyncpg
import structlog

from jifen.loyalty import follow_ups, load, members, publishing, store
from jifen.loyalty.calendar import business_day
from jifen.loyalty.commands import Command, owed_command
from jifen.loyalty.decide import decide
from jifen.loyalty.live import NoRulesPublished, rules_between
from jifen.loyalty.load import Asked, Loaded, StoredReceipt
from jifen.loyalty.members import Enrolled, IdentityTaken, Newcomer
from jifen.loyalty.outcomes import (
    AlreadyDone,
    Outcome,
    Refusal,
    RequestKeyReused,
    Result,
    UnknownMember,
    Welcomed,
)
from jifen.loyalty.rules import RuleSet
from jifen.loyalty.stock import TableMoved
from jifen.loyalty.store import Decided, StockShort
from jifen.loyalty.transactions import (
    ATTEMPTS,
    EngineUnavailable,
    in_transaction,
    is_transient,
    may_have_committed,
    pause_s,
    retried,
)
from jifen.loyalty.wallet import Account, FollowUp, Memories, Wallet
from jifen.runtime import gauges
from jifen.runtime.clock import Clock

log = structlog.get_logger()
T = TypeVar("T")


@dataclass(frozen=True)
class Decision:
    """What a command came to. `replayed`: the receipt of the same request answered, nothing new happened."""

    outcome: Outcome
    replayed: bool = False


@dataclass(eq=False, slots=True)
class _Job:
    command: Command
    answer: "asyncio.Future[Decision]"
    attempts: int = 0
    uncertain: bool = False
    alone: bool = False
    late: bool = False
    request_id: str | None = None
    owed: list[FollowUp] = field(default_factory=list)

    def succeed(self, decision: Decision) -> None:
        """Answer the caller, unless they have gone away."""
        if not self.answer.done():
            self.answer.set_result(decision)

    def fail(self, error: Exception) -> None:
        """Raise `error` at the caller, unless there is an answer already or they have gone away."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Engine:
    """Runs commands in `lanes` transactions at a time, up to `batch_size` commands each. Open it with `async with`."""

    def __init__(
        self, pool: asyncpg.Pool, clock: Clock, zone: ZoneInfo, *, lanes: int = 2, batch_size: int = 256
    ) -> None:
        self._pool, self._clock, self._zone = pool, clock, zone
        self._lane_count, self._batch_size = lanes, batch_size
        self._waiting: deque[_Job] = deque()
        self._in_flight: set[int] = set()
        self._wake = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    async def __aenter__(self) -> "Engine":
        for _ in range(self._lane_count):
            self._spawn(self._lane())
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what has been asked, then stop."""
        self._closing = True
        async with self._wake:
            self._wake.notify_all()
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def run(self, command: Command) -> Decision:
        """Decide one command and store what came of it; refusals are answers, not errors.

        A caller that goes away leaves its command to finish. Raises EngineUnavailable when the database stayed away, and whatever
        error the command itself ran into.
        """
        return await (await self._enqueue(command))

    async def run_all(self, commands: Iterable[Command]) -> list[Decision]:
        """Decide many members' commands, in the order given; raises the first error after all have finished."""
        futures = [await self._enqueue(command) for command in commands]
        answers = await asyncio.gather(*futures, return_exceptions=True)
        decisions = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            decisions.append(answer)
        return decisions

    async def transact(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Run `work`, which must be safe to repeat, in one transaction. Raises EngineUnavailable."""
        return await retried(self._pool, work)

    async def enroll(self, newcomer: Newcomer) -> Enrolled:
        """Find the person by any identity, or create the member and give the newcomer's gift. Safe to race."""
        day = business_day(newcomer.at, self._zone)
        while True:
            try:
                enrolled = await self._meet(newcomer, day)
                break
            except IdentityTaken:
                continue
        if not enrolled.created:
            return enrolled
        owed = FollowUp(enrolled.member_id, "engine:welcome", "welcome", {})
        decision = await self._run_follow_up(owed, newcomer.at)
        gift = decision.outcome.points if isinstance(decision.outcome, Welcomed) else 0
        return Enrolled(enrolled.member_id, created=True, welcome_points=gift)

    async def _meet(self, newcomer: Newcomer, day: date) -> Enrolled:
        tries = itertools.count()
        return await self.transact(
            lambda connection: members.enroll(connection, newcomer, day, again=next(tries) > 0)
        )

    async def publish(
        self, rules: RuleSet, *, base: int, by: str, reason: str, effective_from: datetime | None = None
    ) -> int:
        """Store `rules` as the version after `base`, in force from `effective_from` (None: from now); its id.

        Raises what publishing.publish raises.
        """
        now = self._clock.now()
        draft = publishing.Draft(rules, base, effective_from or now, by, reason)
        return await self.transact(lambda connection: publishing.publish(connection, draft, now))

    async def put_in_force(self) -> int:
        """Bring shelf and rounds to what the version in force now says; its id. Safe to repeat. Raises NoRulesPublished."""
        return await self.transact(
            lambda connection: publishing.put_in_force(connection, self._clock, self._zone)
        )

    async def settle_follow_ups(self, now: datetime, limit: int = 100) -> int:
        """Run what a crash left behind, at most `limit`; how many were claimed. One that fails is due again after its lease."""
        claimed = await follow_ups.claim(self._pool, now, limit)
        for owed, at in claimed:
            try:
                await self._run_follow_up(owed, at)
            except Exception as error:  # must not keep those behind it waiting
                log.exception("follow_up_failed", command=owed.command)
                counts = not isinstance(error, EngineUnavailable | NoRulesPublished)
                await follow_ups.fail(self._pool, owed, type(error).__name__, now, counts=counts)
        return len(claimed)

    async def _enqueue(self, command: Command) -> "asyncio.Future[Decision]":
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        job = _Job(command, asyncio.get_running_loop().create_future(), request_id=request_id)
        async with self._wake:
            if self._closing:
                raise EngineUnavailable("the engine is closing")
            self._waiting.append(job)
            self._wake.notify()
        return job.answer

    async def _lane(self) -> None:
        while True:
            async with self._wake:
                await self._wake.wait_for(lambda: self._ready() or self._closing)
                batch = self._take_batch()
                gauges.engine_waiting(len(self._waiting))
                if not batch and self._closing and not self._waiting:
                    return
                if not batch:
                    await self._wake.wait()
                    continue
            again: list[_Job] = []
            try:
                again = await self._process(batch)
            except Exception as error:  # noqa: BLE001  # the lane outlives whatever it was, and nobody is left waiting
                for job in batch:
                    job.fail(error)
            async with self._wake:
                self._in_flight.difference_update(job.command.member_id for job in batch)
                self._waiting.extendleft(reversed(again))
                self._wake.notify_all()

    def _ready(self) -> bool:
        return any(job.command.member_id not in self._in_flight for job in self._waiting)

    def _take_batch(self) -> list[_Job]:
        """The longest-waiting job of each idle member; a job marked `alone` goes by itself."""
        batch: list[_Job] = []
        kept: deque[_Job] = deque()
        seen: set[int] = set()
        while self._waiting and len(batch) < self._batch_size:
            job = self._waiting.popleft()
            member_id = job.command.member_id
            full = bool(batch) and (job.alone or batch[0].alone)
            if full or member_id in self._in_flight or member_id in seen:
                kept.append(job)
            else:
                batch.append(job)
            seen.add(member_id)
        self._waiting.extendleft(reversed(kept))
        self._in_flight.update(job.command.member_id for job in batch)
        return batch

    async def _process(self, batch: Sequence[_Job]) -> list[_Job]:
        """Run one transaction for the batch and answer its jobs; those to be tried again are returned."""
        began = perf_counter()
        try:
            settled = await in_transaction(self._pool, lambda connection: self._transact(connection, batch))
        except StockShort:
            gauges.engine_again("stock", len(batch))
            return list(batch)
        except Exception as error:  # noqa: BLE001  # every kind is answered: again, alone, or to the caller
            return await self._recover(batch, error)
        gauges.engine_batch(len(batch), perf_counter() - began)
        gauges.engine_answered(_told(job, settled.get(job.command.member_id)) for job in batch)
        again = []
        for job in batch:
            answer = settled.get(job.command.member_id)
            if answer is None:
                again.append(job)
            elif isinstance(answer, Exception):
                job.fail(answer)
            else:
                self._answer(job, answer)
        return await self._catch_up(again)

    async def _catch_up(self, again: list[_Job]) -> list[_Job]:
        """Late draws are tried again at once the first time, then with pauses, then no more; the others as they are.

        A table that has no round still is one of a version whose day has come and that nobody has put in force yet.
        """
        late = [job for job in again if job.late]
        for job in late:
            job.attempts += 1
            if job.attempts >= ATTEMPTS:
                job.fail(EngineUnavailable("the wheel's table is moving"))
        if attempts := max((job.attempts - 1 for job in late), default=0):
            await self.put_in_force()
            await asyncio.sleep(pause_s(attempts))
        return [job for job in again if job.attempts < ATTEMPTS]

    async def _recover(self, batch: Sequence[_Job], error: Exception) -> list[_Job]:
        """Transient: all again with the same keys, later. Otherwise one by one, so that a bad command harms itself alone."""
        if is_transient(error):
            log.warning("engine_transient_error", error=type(error).__name__, commands=len(batch))
            gauges.engine_again("transient", len(batch))
            await asyncio.sleep(pause_s(max(job.attempts for job in batch)))
            for job in batch:
                job.attempts += 1
                job.uncertain = job.uncertain or may_have_committed(error)
            given_up = [job for job in batch if job.attempts >= ATTEMPTS]
            for job in given_up:
                job.fail(EngineUnavailable("database unavailable"))
            return [job for job in batch if job not in given_up]
        if len(batch) == 1:
            gauges.engine_answered([_told(batch[0], error)])
            batch[0].fail(error)
            return []
        log.error("engine_batch_failed", exc_info=error, commands=len(batch))
        gauges.engine_again("alone", len(batch))
        for job in batch:
            job.alone = True
        return list(batch)

    async def _transact(
        self, connection: asyncpg.Connection, batch: Sequence[_Job]
    ) -> dict[int, Decision | Exception | None]:
        now = self._clock.now()
        asked = []
        for job in batch:
            at = now if job.late else min(job.command.at, now)
            asked.append(Asked(job.command, at, *job.command.fact(business_day(at, self._zone))))
        rules = await rules_between(connection, min(one.at for one in asked), now, self._zone)
        loaded = await load.load_batch(connection, asked, rules, self._zone)
        decided: list[Decided] = []
        unguarded: list[Account] = []
        answers: dict[int, Decision | Exception | None] = {}
        for job, one in zip(batch, asked, strict=True):
            member_id = one.command.member_id
            job.owed = []
            try:
                answer = self._decide(one, loaded, now)
            except TableMoved:  # it came too late for the table of its instant, and takes effect now
                job.late, answers[member_id] = True, None
                continue
            except Exception as error:  # noqa: BLE001  # fails that command alone, raised to its caller
                answers[member_id] = error
                unguarded.append(loaded.accounts[member_id])
                continue
            if isinstance(answer, Decided):
                decided.append(answer)
                answers[member_id] = Decision(answer.outcome)
                if isinstance(answer.outcome, Result):
                    job.owed = answer.wallet.writes.follow_ups
            else:
                answers[member_id] = self._not_stored(job, answer)
                if not answer.replayed and member_id in loaded.accounts:
                    unguarded.append(loaded.accounts[member_id])
        for member_id in await load.stale(connection, unguarded):
            answers[member_id] = None
        self._log_failures(batch, answers)
        if decided:
            won = await store.save(connection, sorted(decided, key=lambda one: one.command.member_id))
            for one_decided in decided:
                if one_decided.command.member_id not in won:
                    answers[one_decided.command.member_id] = None
        return answers

    def _log_failures(self, batch: Sequence[_Job], answers: dict[int, Decision | Exception | None]) -> None:
        for job in batch:
            error = answers[job.command.member_id]
            if isinstance(error, Exception):
                log.error(
                    "command_failed", exc_info=error, command=job.command.name, request_id=job.request_id
                )

    def _decide(self, one: Asked, loaded: Loaded, now: datetime) -> Decided | Decision:
        """Decided: to be stored. Decision: an answer that leaves no trace (a replay, a conflict, an unstored refusal)."""
        command = one.command
        account = loaded.accounts.get(command.member_id)
        if account is None:
            return Decision(UnknownMember(command.member_id))
        receipt = loaded.receipts.get(command.member_id)
        if receipt is not None and (receipt.same_request or command.name not in OWN_REFUSAL):
            return _replay(receipt, one)
        posted_at = max(now, account.posted_at)
        wallet = Wallet(
            account,
            loaded.lots.get(command.member_id, []),
            loaded.memories.get(command.member_id) or Memories(),
            posted_at=posted_at,
            today=business_day(posted_at, self._zone),
        )
        outcome = decide(wallet, command, loaded.rules.at(one.at), loaded.stock, one.at)
        if isinstance(outcome, Refusal) and not (outcome.stored or command.keep_refusal):
            return Decision(outcome)
        return Decided(command, outcome, wallet, one.at)

    def _not_stored(self, job: _Job, decision: Decision) -> Decision:
        """After a lost connection the receipt found may be this very try's own: then it is no replay."""
        return Decision(decision.outcome) if job.uncertain else decision

    def _answer(self, job: _Job, decision: Decision) -> None:
        if job.owed:
            self._spawn(self._answer_after_follow_ups(job, decision))
        else:
            job.succeed(decision)

    async def _answer_after_follow_ups(self, job: _Job, decision: Decision) -> None:
        try:
            for owed in job.owed:
                await self._run_follow_up(owed, job.command.at)
        except Exception:
            log.exception("follow_up_left_for_later", command=job.command.name)
        finally:
            job.succeed(decision)

    async def _run_follow_up(self, owed: FollowUp, at: datetime) -> Decision:
        decision = await self._run_owed(owed, owed.member_id, at)
        if isinstance(decision.outcome, UnknownMember):
            heir = await follow_ups.heir_of(self._pool, owed.member_id)
            decision = await self._run_owed(owed, heir, at) if heir else decision
        await follow_ups.settle(self._pool, owed, decision.outcome, self._clock.now())
        return decision

    async def _run_owed(self, owed: FollowUp, member_id: int, at: datetime) -> Decision:
        return await self.run(owed_command(owed.command, member_id, owed.request_key, owed.payload, at))

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


OWN_REFUSAL = frozenset({"check_in", "bind_referral", "cancel"})
"""Commands whose decide function itself tells that the fact stands, with more to say than `AlreadyDone`."""


def _told(job: _Job, answer: Decision | Exception | None) -> tuple[str, str]:
    """The command and what it came to, as the metrics have it; "again" when another process was faster."""
    if answer is None:
        return job.command.name, "again"
    return job.command.name, "error" if isinstance(answer, Exception) else answer.outcome.code


def _replay(receipt: StoredReceipt, one: Asked) -> Decision:
    """The same request hears its outcome again, other content a conflict, another request that the fact stands."""
    if not receipt.same_request:
        return Decision(AlreadyDone(one.scope, one.ref))
    if receipt.request_hash != one.command.fingerprint:
        return Decision(RequestKeyReused())
    return Decision(Outcome.from_facts(receipt.code, receipt.facts), replayed=True)
