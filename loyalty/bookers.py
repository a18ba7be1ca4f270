"""Booking processes for work that is more than one process can decide, such as the lines of a large file.

A member's commands all go to the same process, in the order given. There they pass through an engine like any other, so receipts,
versions and hash chains are what they would be from one process.
"""

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.util import Finalize
from threading import Thread
from typing import Any, Final

from base.clock import Clock
from base.garbage import OF_MANY_ROWS, tune_garbage_collection
from base.settings import Settings
from loyalty.engine.command import Command
from loyalty.engine.engine import LANES, Engine
from loyalty.engine.outcomes import Decision
from loyalty.engine.transactions import EngineUnavailable
from loyalty.opening import open_engine
from models.database import open_pool

MOST: Final = 4


@dataclass(frozen=True)
class Orders:
    """What a booking process needs. Settings travel as values, because keys cannot be pickled."""

    settings: dict[str, Any] = field(repr=False)
    clock: Clock
    batch_size: int


def usual_bookers() -> int:
    """One for each processor, MOST at most; none where there is only one.

    The process that gives the commands takes what they leave: they wait for the database half of the time.
    """
    processors = os.cpu_count() or 1
    return min(processors, MOST) if processors > 1 else 0


class Bookers:
    """The booking processes of one piece of work."""

    def __init__(self, processes: Sequence[ProcessPoolExecutor]) -> None:
        self._processes = processes

    async def started(self) -> None:
        """Wait until all processes run. Raises what keeps one from it, as `run_all`."""
        await asyncio.gather(*(self._send(one, []) for one in self._processes))

    async def run_all(self, commands: Iterable[Command]) -> list[Decision]:
        """As `Engine.run_all`. Raises EngineUnavailable also when a process has ended: whether it booked its share is open."""
        given = list(commands)
        shares: dict[ProcessPoolExecutor, list[int]] = defaultdict(list)
        for place, command in enumerate(given):
            shares[self._processes[command.member_id % len(self._processes)]].append(place)
        answers = await asyncio.gather(
            *(self._send(one, [given[place] for place in places]) for one, places in shares.items()),
            return_exceptions=True,
        )
        decided: dict[int, Decision] = {}
        for places, answer in zip(shares.values(), answers, strict=True):
            if isinstance(answer, BaseException):
                raise answer
            decided |= zip(places, answer, strict=True)
        return [decided[place] for place in range(len(given))]

    async def _send(self, process: ProcessPoolExecutor, commands: list[Command]) -> list[Decision]:
        try:
            return await asyncio.get_running_loop().run_in_executor(process, _run, commands)
        except BrokenProcessPool as error:
            raise EngineUnavailable("a booking process has ended") from error


@asynccontextmanager
async def open_bookers(
    settings: Settings, clock: Clock, processes: int, *, batch_size: int
) -> AsyncIterator[Bookers]:
    """So many booking processes for as long as the block lasts, which start meanwhile; at its end they finish what they run.

    They end as well when this process is killed.
    """
    orders = Orders(settings.model_dump(exclude_unset=True), clock, batch_size)
    spawn = get_context("spawn")
    pools = [ProcessPoolExecutor(1, spawn, initializer=_begin, initargs=(orders,)) for _ in range(processes)]
    try:
        for one in pools:
            one.submit(_run, [])  # which starts the process
        yield Bookers(pools)
    finally:
        await asyncio.gather(*(asyncio.to_thread(one.shutdown, cancel_futures=True) for one in pools))


class _Booker:
    """This process as a booking process: its loop and its engine."""

    def __init__(self, orders: Orders) -> None:
        self.runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._engine = self.runner.run(self._open(orders))

    async def _open(self, orders: Orders) -> Engine:
        settings = Settings.model_construct(**orders.settings)
        pool = await self._stack.enter_async_context(open_pool(settings.database_url or "", size=LANES))
        engine = open_engine(
            pool, orders.clock, settings.timezone, settings.keyring, clock_tolerance=settings.clock_tolerance,
            batch_size=orders.batch_size,
        )  # fmt: skip
        return await self._stack.enter_async_context(engine)

    def run(self, commands: list[Command]) -> list[Decision]:
        return self.runner.run(self._engine.run_all(commands))

    def close(self) -> None:
        self.runner.run(self._stack.aclose())
        self.runner.close()


_bookers: list[_Booker] = []
"""The one booker of this process, which the initializer makes."""


def _begin(orders: Orders) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the first process, which ends this one
    Thread(target=_end_with_parent, daemon=True).start()
    booker = _Booker(orders)
    _bookers.append(booker)
    Finalize(booker, booker.close, exitpriority=1)
    tune_garbage_collection(OF_MANY_ROWS)


def _end_with_parent() -> None:
    """End when the process is gone that gives the commands; the database rolls back what was not committed."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def _run(commands: list[Command]) -> list[Decision]:
    (booker,) = _bookers
    return booker.run(commands)
