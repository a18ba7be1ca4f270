"""Numbers of all members take seconds to read once there are a million: each is read once at a time, and kept for a while.

What was read is kept for a hundred times as long as the reading took, so that reading it again and again takes at most a hundredth
of a database's time, and a small programme always sees numbers of this second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NamedTuple, TypeVar

T = TypeVar("T")

TIMES_AS_LONG: Final = 100
PATIENCE_S: Final = 10.0
MOST: Final = 100


class Read(NamedTuple, Generic[T]):
    """What was read, which may be None."""

    value: T


@dataclass
class Keep:
    """What was read, by key, with the instant of the loop's clock until which it is kept; and what is being read."""

    done: dict[Hashable, tuple[Read[Any], float]] = field(default_factory=dict)
    running: dict[Hashable, asyncio.Task[Read[Any]]] = field(default_factory=dict)

    async def get(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> Read[T] | None:
        """What `read` returns, or returned not long ago; None if it takes longer than PATIENCE_S, and then it goes on."""
        loop = asyncio.get_running_loop()
        if key in self.done and loop.time() < self.done[key][1]:
            return self.done[key][0]
        task = self.running.get(key)
        if task is None:
            task = self.running[key] = loop.create_task(self._read(key, read))
        await asyncio.wait([task], timeout=PATIENCE_S)
        if not task.done():
            return None
        if self.running.get(key) is task:
            del self.running[key]
        return task.result()

    async def _read(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> Read[T]:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        found = Read(await read())
        took = loop.time() - begun
        self.done.pop(key, None)
        self.done[key] = found, loop.time() + TIMES_AS_LONG * took
        if len(self.done) > MOST:
            del self.done[next(iter(self.done))]
        return found


KEEP: Final = Keep()
"""What this console has read."""
