"""Commands that wait for a transaction. A member's run one at a time, in order; of all members the longest waiting goes first."""

import asyncio
import contextvars
import heapq
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Decision
from loyalty.engine.transactions import EngineUnavailable
from loyalty.ledger.writes import FollowUp

MOST_OF_ONE_MEMBER = 1_000
"""How many commands of one member may wait. More come only from a faulty client, and would block its member for long."""


class TooManyWaiting(EngineUnavailable):
    """Too many commands of this member wait already, so this one was not queued."""


@dataclass(eq=False, slots=True)
class Job:
    """A command in the engine: its caller's future, and what its earlier attempts have shown.

    `arrival` orders jobs. `may_have_committed`: the connection broke during an attempt, which may have been committed all the same.
    `alone`: a batch with it failed, so it gets a batch of its own. `takes_effect_now`: it is decided by the rules of now instead of
    those of its own instant, because the shared rows of those (a wheel's round) are gone. `rows_due`: its last attempt found shared
    rows whose time is over. `effective_at` is the instant by which it was decided last, at which its follow-ups take effect, too.
    """

    command: Command
    answer: "asyncio.Future[Decision]"
    context: contextvars.Context
    arrival: int = 0
    attempts: int = 0
    may_have_committed: bool = False
    alone: bool = False
    takes_effect_now: bool = False
    rows_due: bool = False
    effective_at: datetime | None = None
    follow_ups: list[FollowUp] = field(default_factory=list)

    def succeed(self, decision: Decision) -> None:
        """Answer the caller, unless they were cancelled."""
        if not self.answer.done():
            self.answer.set_result(decision)

    def fail(self, error: Exception) -> None:
        """Raise `error` in the caller, unless they were answered or cancelled."""
        if not self.answer.done():
            self.answer.set_exception(error)


SPARE_AFTER_S = 0.1
"""After so long another lane takes what waits, while a batch is still in flight. In a busy process a normal batch takes less; one
that takes more waits for the database's disk or for a lock, and the other members' commands should not wait with it.
"""


class Queue:
    """The queue of one event loop. Adding or taking a job costs the logarithm of the number of members who wait.

    While a batch is in flight the next one gathers, up to `batch_size`, because half as many transactions of twice the size cost
    less. A second lane takes jobs only when a full batch waits, or when no batch was taken for `spare_after_s`, so that a batch
    that waits for a lock does not delay all others.
    """

    def __init__(self, batch_size: int, *, spare_after_s: float = SPARE_AFTER_S) -> None:
        self._batch_size, self._spare_after_s = batch_size, spare_after_s
        self._taken_at = 0.0
        self._waiting: dict[int, deque[Job]] = {}
        self._idle: list[
            tuple[int, int]
        ] = []  # heap of (arrival, member): members with a waiting job and none in flight
        self._in_flight: set[int] = set()
        self._arrivals = 0
        self._count = 0
        self._takers: deque[asyncio.Future[None]] = deque()
        self._closed = False

    def __len__(self) -> int:
        return self._count

    def add(self, command: Command) -> "asyncio.Future[Decision]":
        """Queue a command; returns the future of its decision. Raises EngineUnavailable when closed, and TooManyWaiting."""
        if self._closed:
            raise EngineUnavailable("the engine is closing")
        loop, member_id = asyncio.get_running_loop(), command.member_id
        of_member = self._waiting.get(member_id)
        if of_member is not None and len(of_member) >= MOST_OF_ONE_MEMBER:
            raise TooManyWaiting(f"{len(of_member)} commands of one member wait")
        self._arrivals += 1
        job = Job(command, loop.create_future(), contextvars.copy_context(), self._arrivals)
        if of_member is None:
            self._waiting[member_id] = deque((job,))
            if member_id not in self._in_flight:
                heapq.heappush(self._idle, (job.arrival, member_id))
                if self._may_go():
                    self._wake_one()
        else:
            of_member.append(job)
        self._count += 1
        return job.answer

    async def take(self) -> list[Job]:
        """Wait for a batch: the first job of each idle member, longest waiting first. Empty when closed and nothing is left."""
        loop = asyncio.get_running_loop()
        while not self._may_go():
            if self._closed and not self._count:
                return []
            taker = loop.create_future()
            self._takers.append(taker)
            await taker
        self._taken_at = loop.time()
        loop.call_at(self._taken_at + self._spare_after_s, self._wake_one)
        return self._pick()

    def give_back(self, batch: Iterable[Job], again: Sequence[Job]) -> None:
        """End the flight of a batch; the jobs of `again` wait once more, each ahead of its member's others."""
        for job in again:
            self._waiting.setdefault(job.command.member_id, deque()).appendleft(job)
        self._count += len(again)
        for job in batch:
            member_id = job.command.member_id
            self._in_flight.discard(member_id)
            if of_member := self._waiting.get(member_id):
                heapq.heappush(self._idle, (of_member[0].arrival, member_id))
        self._wake_all()

    def close(self) -> None:
        """Accept no more commands; those that wait are still carried out."""
        self._closed = True
        self._wake_all()

    def _may_go(self) -> bool:
        """Whether a lane should take a batch now."""
        if not self._in_flight or len(self._idle) >= self._batch_size:
            return bool(self._idle)
        return bool(self._idle) and asyncio.get_running_loop().time() - self._taken_at >= self._spare_after_s

    def _pick(self) -> list[Job]:
        batch: list[Job] = []
        kept: list[tuple[int, int]] = []
        while self._idle and len(batch) < self._batch_size and not (batch and batch[0].alone):
            place = heapq.heappop(self._idle)
            member_id = place[1]
            of_member = self._waiting[member_id]
            if batch and of_member[0].alone:
                kept.append(place)
                continue
            batch.append(of_member.popleft())
            if not of_member:
                del self._waiting[member_id]
            self._in_flight.add(member_id)
        for place in kept:
            heapq.heappush(self._idle, place)
        self._count -= len(batch)
        return batch

    def _wake_one(self) -> None:
        while self._takers:
            taker = self._takers.popleft()
            if not taker.done():
                taker.set_result(None)
                return

    def _wake_all(self) -> None:
        while self._takers:
            self._wake_one()
