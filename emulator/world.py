"""The state that every function of the emulator takes as its first argument."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx

from emulator.config import EmulatorConfig
from emulator.database import Database
from emulator.faults import PendingFaults
from emulator.templates import Template

BEIJING = timezone(timedelta(hours=8))
CLOSE_WAIT_S = 1.0


@dataclass(frozen=True)
class World:
    """Configuration, database, clock, HTTP client and pending faults of one emulator.

    `push_log` holds the last 200 pushes with their results. `push_numbers` numbers the pushes, because every other one
    keeps its timestamp on retries. `background` holds the running background tasks.
    """

    config: EmulatorConfig
    database: Database
    now: Callable[[], datetime]
    advance: Callable[[int], object]
    templates: Mapping[str, Template]
    http: httpx.AsyncClient
    faults: PendingFaults = field(default_factory=PendingFaults)
    push_log: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=200))
    push_numbers: Iterator[int] = field(default_factory=itertools.count)
    background: set[asyncio.Task[object]] = field(default_factory=set)

    def epoch(self) -> float:
        """Now, in seconds since 1970."""
        return self.now().timestamp()

    def day(self) -> str:
        """Today in Beijing, as ISO 8601; daily quotas are reset at midnight there."""
        return self.now().astimezone(BEIJING).date().isoformat()

    def run_in_background(self, work: Coroutine[Any, Any, object]) -> None:
        """Run `work` as a background task, which `close` waits for."""
        task: asyncio.Task[object] = asyncio.ensure_future(work)
        self.background.add(task)
        task.add_done_callback(self.background.discard)

    async def close(self) -> None:
        """Wait up to `CLOSE_WAIT_S` for background tasks, cancel the rest, then close HTTP client and database."""
        if self.background:
            _, late = await asyncio.wait(self.background, timeout=CLOSE_WAIT_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self.http.aclose()
        self.database.close()
