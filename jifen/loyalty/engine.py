"""One engine runs all commands, many at a time, in one transaction: load, decide, store.

Commands that arrive while a transaction is in flight go together into the next one: no timer, no added wait when idle.
A member has at most one command in flight in a process, first come first; other processes are met by the account's
version. What a command owes to another member is run before its caller is answered.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import asyncpg
import structlog

from jifen.loyalty import members, publishing, store
from jifen.loyalty.calendar import business_day
from jifen.loyalty.commands import Command, owed_command
from jifen.loyalty.decide import decide
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
from jifen.loyalty.store import Asked, Decided, Loaded, StockShort, StoredReceipt
from jifen.loyalty.transactions import (
    ATTEMPTS,
    EngineUnavailable,
    in_transaction,
    is_transient,
    pause_s,
    retried,
)
from jifen.loyalty.wallet import FollowUp, Memories, Wallet
from jifen.runtime.clock import Clock

log = structlog.get_logger()
T = TypeVar("T")

FOLLOW_UP_LEASE = timedelta(seconds=60)


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
    follow_ups: list[FollowUp] = field(default_factory=list)


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
        return await asyncio.shield(await self._enqueue(command))

    async def run_all(self, commands: Iterable[Command]) -> list[Decision]:
        """Decide many members' commands, in the order given; raises the first error after all have finished."""
        futures = [await self._enqueue(command) for command in commands]
        answers = await asyncio.gather(
            *(asyncio.shield(future) for future in futures), return_exceptions=True
        )
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
                enrolled = await self.transact(lambda connection: members.enroll(connection, newcomer, day))
                break
            except IdentityTaken:
                continue
        if not enrolled.created:
            return enrolled
        owed = FollowUp(enrolled.member_id, "engine:welcome", "welcome", {})
        decision = await self._run_follow_up(owed, newcomer.at)
        gift = decision.outcome.points if isinstance(decision.outcome, Welcomed) else 0
        return Enrolled(enrolled.member_id, created=True, welcome_points=gift)

    async def publish(
        self, rules: RuleSet, *, base: int, effective_from: datetime, by: str, reason: str
    ) -> int:
        """Store `rules` as the version after `base`; its id. Raises publishing.StaleBase and publishing.StockBelowTaken."""
        draft = publishing.Draft(rules, base, effective_from, by, reason)
        return await self.transact(
            lambda connection: publishing.publish(connection, draft, self._clock.now())
        )

    async def settle_follow_ups(self, now: datetime, limit: int = 100) -> int:
        """Run what a crash left behind, at most `limit`; how many were claimed. One that fails is due again after its lease."""
        rows = await self._pool.fetch(CLAIM_FOLLOW_UPS, now, now + FOLLOW_UP_LEASE, limit)
        for row in rows:
            owed = FollowUp(row["member_id"], row["request_key"], row["command"], json.loads(row["payload"]))
            try:
                await self._run_follow_up(owed, row["effective_at"])
            except Exception as error:  # must not keep those behind it waiting
                log.exception("follow_up_failed", command=owed.command)
                await self._pool.execute(FOLLOW_UP_FAILED, owed.member_id, owed.request_key, repr(error))
        return len(rows)

    async def _enqueue(self, command: Command) -> "asyncio.Future[Decision]":
        job = _Job(command, asyncio.get_running_loop().create_future())
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
                if not batch and self._closing and not self._waiting:
                    return
                if not batch:
                    await self._wake.wait()
                    continue
            again = await self._process(batch)
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
        return sorted(batch, key=lambda job: job.command.member_id)

    async def _process(self, batch: Sequence[_Job]) -> list[_Job]:
        """Run one transaction for the batch and answer its jobs; those to be tried again are returned."""
        try:
            settled = await in_transaction(self._pool, lambda connection: self._transact(connection, batch))
        except StockShort:
            return list(batch)
        except Exception as error:  # noqa: BLE001  # every kind is answered: again, alone, or to the caller
            return await self._recover(batch, error)
        again = []
        for job in batch:
            answer = settled.get(job.command.member_id)
            if answer is None:
                again.append(job)
            elif isinstance(answer, Exception):
                job.answer.set_exception(answer)
            else:
                self._answer(job, answer)
        return again

    async def _recover(self, batch: Sequence[_Job], error: Exception) -> list[_Job]:
        """Transient: all again with the same keys, later. Otherwise one by one, so that a bad command harms itself alone."""
        if is_transient(error):
            log.warning("engine_transient_error", error=type(error).__name__, commands=len(batch))
            await asyncio.sleep(pause_s(max(job.attempts for job in batch)))
            for job in batch:
                job.attempts += 1
                job.uncertain = True
            given_up = [job for job in batch if job.attempts >= ATTEMPTS]
            for job in given_up:
                job.answer.set_exception(EngineUnavailable("database unavailable"))
            return [job for job in batch if job not in given_up]
        if len(batch) == 1:
            batch[0].answer.set_exception(error)
            return []
        log.error("engine_batch_failed", error=repr(error), commands=len(batch))
        for job in batch:
            job.alone = True
        return list(batch)

    async def _transact(
        self, connection: asyncpg.Connection, batch: Sequence[_Job]
    ) -> dict[int, Decision | Exception | None]:
        now = self._clock.now()
        asked = []
        for job in batch:
            at = min(job.command.at, now)
            asked.append(Asked(job.command, at, *job.command.fact(business_day(at, self._zone))))
        rules = await store.load_rules(connection, min(one.at for one in asked), now, self._zone)
        loaded = await store.load(connection, asked, rules, self._zone)
        decided: list[Decided] = []
        answers: dict[int, Decision | Exception | None] = {}
        for job, one in zip(batch, asked, strict=True):
            job.follow_ups = []
            try:
                answer = self._decide(one, loaded, now)
            except Exception as error:  # fails that command alone, raised to its caller
                log.exception("command_failed", command=one.command.name)
                answers[one.command.member_id] = error
                continue
            if isinstance(answer, Decided):
                decided.append(answer)
                if isinstance(answer.outcome, Result):
                    job.follow_ups = answer.wallet.writes.follow_ups
            answers[one.command.member_id] = (
                Decision(answer.outcome) if isinstance(answer, Decided) else self._not_stored(job, answer)
            )
        if decided:
            won = await store.save(connection, decided)
            for one_decided in decided:
                if one_decided.command.member_id not in won:
                    answers[one_decided.command.member_id] = None
        return answers

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
        if isinstance(outcome, Refusal) and not outcome.stored:
            return Decision(outcome)
        return Decided(command, outcome, wallet, one.at)

    def _not_stored(self, job: _Job, decision: Decision) -> Decision:
        """After a lost connection the receipt found may be this very try's own: then it is no replay."""
        return Decision(decision.outcome) if job.uncertain else decision

    def _answer(self, job: _Job, decision: Decision) -> None:
        if job.follow_ups:
            self._spawn(self._answer_after_follow_ups(job, decision))
        else:
            job.answer.set_result(decision)

    async def _answer_after_follow_ups(self, job: _Job, decision: Decision) -> None:
        try:
            for owed in job.follow_ups:
                await self._run_follow_up(owed, job.command.at)
        except Exception:
            log.exception("follow_up_left_for_later", command=job.command.name)
        finally:
            job.answer.set_result(decision)

    async def _run_follow_up(self, owed: FollowUp, at: datetime) -> Decision:
        decision = await self.run(
            owed_command(owed.command, owed.member_id, owed.request_key, owed.payload, at)
        )
        await self._pool.execute(
            "UPDATE follow_up SET done_at = $3 WHERE member_id = $1 AND request_key = $2",
            owed.member_id, owed.request_key, self._clock.now(),
        )  # fmt: skip
        return decision

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


OWN_REFUSAL = frozenset({"check_in", "bind_referral", "cancel"})
"""Commands whose decide function itself tells that the fact stands, with more to say than `AlreadyDone`."""

CLAIM_FOLLOW_UPS = """
UPDATE follow_up f SET due_at = $2, attempts = attempts + 1
WHERE f.done_at IS NULL AND f.due_at <= $1 AND (f.member_id, f.request_key) IN (
    SELECT member_id, request_key FROM follow_up WHERE done_at IS NULL AND due_at <= $1
    ORDER BY due_at, member_id, request_key LIMIT $3
)
RETURNING f.member_id, f.request_key, f.command, f.payload::text AS payload, f.effective_at
"""

FOLLOW_UP_FAILED = "UPDATE follow_up SET last_error = $3 WHERE member_id = $1 AND request_key = $2"


def _replay(receipt: StoredReceipt, one: Asked) -> Decision:
    """The same request hears its outcome again, other content a conflict, another request that the fact stands."""
    if not receipt.same_request:
        return Decision(AlreadyDone(one.scope, one.ref))
    if receipt.request_hash != one.command.fingerprint:
        return Decision(RequestKeyReused())
    return Decision(Outcome.from_facts(receipt.code, receipt.facts), replayed=True)
