"""The lanes of an engine: each takes batches from the queue, runs each in one transaction, and sorts its jobs by the outcome."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Final

import asyncpg
import structlog

from base import gauges
from base.clock import ClockOff
from loyalty.engine.batch import Attempt, Context, run_batch
from loyalty.engine.outcomes import Decision
from loyalty.engine.pools import PoolShort
from loyalty.engine.queue import Job, Queue
from loyalty.engine.rules import VersionDue
from loyalty.engine.transactions import (
    ATTEMPTS,
    EngineUnavailable,
    in_transaction,
    is_transient,
    may_have_committed,
    pause_s,
)

log = structlog.get_logger()

CLAIM_ATTEMPTS: Final = 2
"""How often a command that met another's row in a directory is decided again before its error is raised."""


class Lanes:
    """The lanes of one engine, all of which run `run`.

    `put_in_force()` puts the shared rows of the present rules in force. `answer(job, decision)` is called with every decision.
    """

    def __init__(
        self,
        pool: asyncpg.Pool,
        queue: Queue,
        context: Context,
        put_in_force: Callable[[], Awaitable[None]],
        answer: Callable[[Job, Decision], None],
    ) -> None:
        self._pool, self._queue, self._context = pool, queue, context
        self._rows_in_force, self._answer = put_in_force, answer
        self._in_force = 0

    async def run(self) -> None:
        """Process batches until the queue is closed and empty."""
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
                self._pool,
                lambda connection: run_batch(connection, batch, self._context, self._in_force),
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
                await self._rows_in_force()
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
            await self._rows_in_force()
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


def _label(job: Job, answer: Attempt) -> tuple[str, str]:
    """The command and what it came to, as the metrics have it; "conflict" when another process was faster."""
    if answer is None:
        return job.command.name, "conflict"
    return job.command.name, "error" if isinstance(answer, Exception) else answer.outcome.code
