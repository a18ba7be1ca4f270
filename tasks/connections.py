"""The worker's connections to Redis: opened when used, and ended for good when the worker ends."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import ConnectionError as NotConnected

SOCKET_TIMEOUT_S: Final = 5.0


def connect(redis_url: str) -> "Connections":
    """Connections for ARQ to a redis://, rediss:// or unix:// address, opened when used. Raises ValueError for another.

    With a socket timeout, which ARQ's own settings lack: a Redis that hangs is a Redis that is away.
    """
    return Connections.from_url(
        redis_url, socket_timeout=SOCKET_TIMEOUT_S, socket_connect_timeout=SOCKET_TIMEOUT_S
    )


class Connections(ConnectionPool):
    """ARQ's connections, which `drain` ends for good.

    ARQ shields what it says of a job that ended, and leaves behind what it was saying beside a command that failed. Such
    words outlive the worker; after an ordinary `disconnect` they would connect anew and nobody would ever hang up.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._in_use, self._idle, self._ending = 0, asyncio.Event(), False
        self._idle.set()

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        """Connect; the pool asks for it before each use. Raises redis' ConnectionError, also once `drain` has begun."""
        self._in_use += 1
        self._idle.clear()
        if self._ending:
            raise NotConnected("these connections have been ended")
        await super().ensure_connection(connection)

    async def release(self, connection: AbstractConnection) -> None:
        """Take back a connection, whether or not it could be made."""
        await super().release(connection)
        self._in_use -= 1
        if not self._in_use:
            self._idle.set()

    async def drain(self) -> None:
        """Begin no more commands, let those in progress end within a socket's timeout, and hang up."""
        self._ending = True
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(SOCKET_TIMEOUT_S):
                    await self._idle.wait()
        finally:
            await self.disconnect()
