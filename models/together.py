"""Questions that arrive together are answered by one statement: natural batching, as the engine does it for commands.

While one batch is under way the next one gathers: no timer, no added wait when idle, and fewer statements the busier it gets.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import asyncpg

Asked = TypeVar("Asked")
Found = TypeVar("Found")

MOST = 512
"""How many questions one statement answers."""

WITHIN_S = 5.0
"""Longer than any look-up takes: a connection that fell silent must not keep all who ask behind it waiting."""


class Together(Generic[Asked, Found]):
    """Answers `ask` by `look_up`, which takes the questions of many callers and gives one answer each, in their order.

    The work goes on in a task of its own: a caller that goes away spoils nothing for the others. `look_up` must be safe to repeat.
    """

    def __init__(self, look_up: Callable[[Sequence[Asked]], Awaitable[Sequence[Found]]]) -> None:
        self._look_up = look_up
        self._waiting: list[tuple[Asked, asyncio.Future[Found]]] = []
        self._working: asyncio.Task[None] | None = None

    def ask(self, asked: Asked) -> "asyncio.Future[Found]":
        """The answer to come, or what the look-up raised; TimeoutError after five seconds."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Found] = loop.create_future()
        self._waiting.append((asked, answer))
        if self._working is None:
            # A context of its own: the work goes on for others, under nobody's request id.
            self._working = loop.create_task(self._work(), context=contextvars.Context())
        return answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
                await self._answer(batch)
        finally:
            self._working = None

    async def _answer(self, batch: "Sequence[tuple[Asked, asyncio.Future[Found]]]") -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                found = await self._look_up([asked for asked, _ in batch])
            if len(found) != len(batch):
                raise ValueError(f"{len(batch)} asked, {len(found)} answered")
            for (_, answer), one_found in zip(batch, found, strict=True):
                if not answer.done():
                    answer.set_result(one_found)
        except asyncpg.DataError as error:
            # One value that no row can hold must not cost the others their answer.
            if len(batch) > 1:
                for one in batch:
                    await self._answer([one])
                return
            _fail(batch, error)
        except Exception as error:  # noqa: BLE001  # whatever it was, every caller hears it
            _fail(batch, error)


def _fail(batch: "Sequence[tuple[Asked, asyncio.Future[Found]]]", error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)
