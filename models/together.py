"""Natural batching of look-ups: one statement answers all questions that arrive while the statement before it is in flight.

There is no timer and no added wait when idle, and the busier a process is, the more questions share a statement. The engine
batches commands in the same way.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import asyncpg

Question = TypeVar("Question")
Answer = TypeVar("Answer")

MOST = 512
"""How many questions one statement answers at most."""

WITHIN_S = 5.0
"""Longer than any look-up takes, so that a connection that no longer responds does not block all later questions."""


class Together(Generic[Question, Answer]):
    """Answers questions by `look_up`, which takes the questions of many callers and returns their answers in the same order.

    The look-up runs in a task of its own, so that cancelling one caller does not disturb the others. It must be safe to repeat.
    """

    def __init__(self, look_up: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]) -> None:
        self._look_up = look_up
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._working: asyncio.Task[None] | None = None

    def ask(self, question: Question) -> "asyncio.Future[Answer]":
        """The future of the answer. It raises what the look-up raises, and TimeoutError after five seconds."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((question, answer))
        if self._working is None:
            # An empty context, because the task works for many callers and must not log one caller's request id.
            self._working = loop.create_task(self._work(), context=contextvars.Context())
        return answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._answer(batch)
        finally:
            self._working = None

    async def _answer(self, batch: "Sequence[tuple[Question, asyncio.Future[Answer]]]") -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                found = await self._look_up([question for question, _ in batch])
            if len(found) != len(batch):
                raise ValueError(f"{len(batch)} asked, {len(found)} answered")
            for (_, answer), one_found in zip(batch, found, strict=True):
                if not answer.done():
                    answer.set_result(one_found)
        except asyncpg.DataError as error:
            # One question has a value that PostgreSQL cannot hold: answer each alone, so that only that one fails.
            if len(batch) > 1:
                for one in batch:
                    await self._answer([one])
                return
            _fail(batch, error)
        except Exception as error:  # noqa: BLE001  # every caller gets the error
            _fail(batch, error)


def _fail(batch: "Sequence[tuple[Question, asyncio.Future[Answer]]]", error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
