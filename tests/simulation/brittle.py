"""A pool whose wire breaks when told to: at the n-th call of any kind, on whichever connection makes it.

It sits beneath everything that asyncpg offers (between a connection and its protocol), so it needs to know nothing of who calls: a
statement, a prepared one, BEGIN, COMMIT and the reset of a connection that is given back are all calls.
"""

import asyncio
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import Enum
from typing import Any

import asyncpg

from tests.loyalty.waiting import until


class How(Enum):
    """What happens to the call that is struck; what the server refuses outside a transaction is cut instead."""

    CUT_BEFORE = "the connection breaks before the call is sent"
    CUT_AFTER = "the call is done, the connection breaks before its answer"
    DEADLOCK = "the server refuses the call and the transaction: deadlock"
    SERIALIZATION = "the server refuses the call and the transaction: serialization"
    LOCK_TIMEOUT = "the server refuses the call and the transaction: lock timeout"
    DISK_FULL = "the server refuses the call and the transaction: disk full"
    BROKEN = "the server refuses the call and the transaction: internal error"
    DIE_BEFORE = "the process dies before the call is sent"
    DIE_AFTER = "the process dies when the call is done, before its answer"


REFUSALS: dict[How, type[asyncpg.PostgresError]] = {
    How.DEADLOCK: asyncpg.DeadlockDetectedError,
    How.SERIALIZATION: asyncpg.SerializationError,
    How.LOCK_TIMEOUT: asyncpg.LockNotAvailableError,
    How.DISK_FULL: asyncpg.DiskFullError,
    How.BROKEN: asyncpg.InternalServerError,
}
DEATHS = frozenset({How.DIE_BEFORE, How.DIE_AFTER})
PASSING = tuple(how for how in How if how not in DEATHS)


class Dead(Exception):
    """What is left of a dead process asks for a connection; nothing that would be tried again, so it is over soon."""


class Wire:
    """The wire all connections of one pool share; `struck` counts the faults that happened."""

    def __init__(self) -> None:
        self.died = asyncio.Event()
        self.struck = 0
        self._strikes: dict[int, How] = {}
        self._calls = 0
        self._connections: weakref.WeakSet[asyncpg.Connection] = weakref.WeakSet()

    def arm(self, strikes: dict[int, How]) -> None:
        """Count calls anew from 1 and break at these; an empty dict mends the wire."""
        self._strikes, self._calls = dict(strikes), 0

    async def connect(self, *args: Any, **options: Any) -> asyncpg.Connection:
        """Connect as asyncpg does, unless the process is dead."""
        if self.died.is_set():
            raise Dead
        return await asyncpg.connect(*args, **options)

    def join(self, connection: asyncpg.Connection) -> None:
        """Remember a connection, so that it dies with the others."""
        self._connections.add(connection)

    async def carry(
        self, connection: asyncpg.Connection, real: Any, call: Callable[[], Awaitable[Any]]
    ) -> Any:
        """Make the call, or break."""
        if self.died.is_set():
            raise asyncpg.ConnectionDoesNotExistError("the process is dead")
        self._calls += 1
        how = self._strikes.pop(self._calls, None)
        if how is None:
            return await call()
        self.struck += 1
        if how in REFUSALS and real.is_in_transaction():
            try:
                await real.query("SELECT 1 / 0", 10)
            except asyncpg.DivisionByZeroError:
                raise REFUSALS[how](how.value) from None
        if how in (How.CUT_AFTER, How.DIE_AFTER):
            await call()
        if how in DEATHS:
            self.died.set()
        for broken in list(self._connections) if how in DEATHS else [connection]:
            broken.terminate()
        raise asyncpg.ConnectionDoesNotExistError(how.value)


class _Protocol:
    """asyncpg's protocol with the calls that reach the server led over the wire."""

    def __init__(self, real: Any, connection: asyncpg.Connection, wire: Wire) -> None:
        self._real, self._wire = real, wire
        self._connection = weakref.ref(connection)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def query(self, *args: Any, **options: Any) -> Any:
        return await self._led("query", args, options)

    async def bind_execute(self, *args: Any, **options: Any) -> Any:
        return await self._led("bind_execute", args, options)

    async def bind_execute_many(self, *args: Any, **options: Any) -> Any:
        return await self._led("bind_execute_many", args, options)

    async def copy_in(self, *args: Any, **options: Any) -> Any:
        return await self._led("copy_in", args, options)

    async def _led(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        connection = self._connection()
        return await self._wire.carry(
            connection, self._real, lambda: getattr(self._real, name)(*args, **options)
        )


@asynccontextmanager
async def open_brittle_pool(url: str, wire: Wire, name: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool on this wire; `name` is how the server lists its connections."""

    class Brittle(asyncpg.Connection):  # type: ignore[misc]  # asyncpg is untyped
        def __init__(self, protocol: Any, *args: Any) -> None:
            super().__init__(protocol, *args)
            self._protocol = _Protocol(protocol, self, wire)
            wire.join(self)

    pool = await asyncpg.create_pool(
        url, min_size=0, max_size=3, connection_class=Brittle, connect=wire.connect,
        server_settings={"application_name": name},
    )  # fmt: skip
    try:
        yield pool
    finally:
        pool.terminate()


async def until_gone(connection: asyncpg.Connection, name: str) -> None:
    """Return when the server has none of the pool's connections left: only then is settled what their last COMMITs did."""

    async def gone() -> bool:
        return not await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", name
        )

    await until(gone, within_s=30)
