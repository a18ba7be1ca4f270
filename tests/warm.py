"""A connection that stays open from test to test, for what every test does to its database.

A new connection reads the catalogue of each table that it meets, which takes 20 ms of processor for all of them; one that has met
them needs three to empty them.
"""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator

import asyncpg

Work = Callable[[asyncpg.Connection], Awaitable[None]]


class Warm:
    """A connection in an event loop of its own, as each test has another; it is opened at the first work."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._loop = asyncio.new_event_loop()
        self._connection: asyncpg.Connection | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="warm connection", daemon=True)
        self._thread.start()

    async def do(self, work: Work) -> None:
        """Do the work on the connection; raises what it raises."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._do(work), self._loop))

    def close(self) -> None:
        """Close the connection, and end the loop with its thread."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _do(self, work: Work) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self.url)
        await work(self._connection)

    async def _end(self) -> None:
        if self._connection is not None:
            await self._connection.close()


_WARM: dict[str, Warm] = {}


@contextlib.contextmanager
def warm_connection(url: str) -> Iterator[None]:
    """Have `on_warm_connection` use one connection to this address while the block runs."""
    _WARM[url] = warm = Warm(url)
    try:
        yield
    finally:
        del _WARM[url]
        warm.close()


async def on_warm_connection(url: str, work: Work) -> None:
    """Do the work on the warm connection to this address, or on a new one where there is none."""
    if warm := _WARM.get(url):
        await warm.do(work)
        return
    connection = await asyncpg.connect(url)
    try:
        await work(connection)
    finally:
        await connection.close()
