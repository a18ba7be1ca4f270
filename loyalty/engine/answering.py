"""Answering a command that has been decided: after its member's own follow-ups, or by the member into whom its own was merged."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from weakref import WeakValueDictionary

import structlog

from loyalty.engine.batch import Context
from loyalty.engine.command import ENGINE, MEMBER, Command
from loyalty.engine.outcomes import Decision, Result
from loyalty.engine.queue import Job
from loyalty.engine.refusals import MemberMerged
from loyalty.engine.transactions import EngineUnavailable
from loyalty.ledger.writes import FollowUp

log = structlog.get_logger()

FOLLOW_UPS_BEFORE_ANSWER = 8
"""How many follow-ups of their own member a caller waits for."""


class Runner(Protocol):
    """What answers need of the engine."""

    context: Context

    async def run(self, command: Command) -> Decision:
        """Decide a command and store its outcome."""

    async def run_follow_up(self, follow_up: FollowUp, at: datetime) -> Decision:
        """Run the command of a stored follow-up."""

    async def run_left_by(self, causer_id: int, member_id: int) -> None:
        """Run what one member's receipts left to another."""

    def spawn(self, work: Awaitable[None]) -> "asyncio.Task[None]":
        """Begin work that the engine finishes before it stops."""


class Answers:
    """The answers of one engine."""

    def __init__(self, engine: Runner) -> None:
        self._engine = engine
        self._owed: set[asyncio.Task[None]] = set()
        self._turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def settle(self) -> None:
        """Wait until the follow-ups of all commands answered so far have run, or are left to the worker's job."""
        while self._owed:
            await asyncio.gather(*self._owed)

    def give(self, job: Job, decision: Decision) -> None:
        """Answer a job, or begin what must happen before."""
        if isinstance(decision.outcome, MemberMerged) and _travels(job.command):
            self._engine.spawn(self._send_on(job, decision.outcome.into))
        elif job.follow_ups:
            self._owed.add(task := self._engine.spawn(self._answer_after_follow_ups(job, decision)))
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
        reactions = self._engine.context.registry.reactions(type(decision.outcome))
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
                    ran.append((follow_up, await self._engine.run_follow_up(follow_up, at)))
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
            await self._engine.run_left_by(job.command.member_id, into)
            job.succeed(await self._engine.run(_for_another(job.command, into)))
        except Exception as error:  # noqa: BLE001  # the caller gets it
            job.fail(error)


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
