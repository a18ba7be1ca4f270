"""The worker's connections to Redis: opened when used, closed for good when the worker ends."""

import asyncio
from contextlib import suppress
from typing import Any, Final

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import ConnectionError as NotConnected

SOCKET_TIMEOUT_S: Final = 5.0


def connect(redis_url: str) -> "Connections":
    """Connections for ARQ to a redis://, rediss:// or unix:// address, opened when used. Raises ValueError for another.

    They have a socket timeout, which ARQ's own settings lack, so that a Redis that hangs counts as unavailable.
    """
    return Connections.from_url(
        redis_url, socket_timeout=SOCKET_TIMEOUT_S, socket_connect_timeout=SOCKET_TIMEOUT_S
    )


class Connections(ConnectionPool):
    """ARQ's connection pool, which `drain` closes for good.

    Some of ARQ's commands outlive its worker: those that record a job's end are shielded from cancellation, and those
    concurrent with a failed command are not awaited. After an ordinary `disconnect` they would reconnect, and nobody would
    ever close that connection.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._in_use, self._idle, self._ending = 0, asyncio.Event(), False
        self._idle.set()

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        """Connect before a use; called by the pool. Raises redis' ConnectionError, also once `drain` has begun."""
        self._in_use += 1
        self._idle.clear()
        if self._ending:
            raise NotConnected("these connections have been closed")
        await super().ensure_connection(connection)

    async def release(self, connection: AbstractConnection) -> None:
        """Take a connection back into the pool, even one that failed to connect."""
        await super().release(connection)
        self._in_use -= 1
        if not self._in_use:
            self._idle.set()

    async def drain(self) -> None:
        """Refuse new commands, wait for those in flight (SOCKET_TIMEOUT_S at most), then disconnect."""
        self._ending = True
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(SOCKET_TIMEOUT_S):
                    await self._idle.wait()
        finally:
            await self.disconnect()
