"""The one place where a writing transaction is opened. It runs in a task of its own, which no request can cancel;
only `snapshot`, which reads, runs in its caller's.

A task cancelled in the middle of BEGIN or COMMIT leaves a pooled connection in an unknown state; a cancelled request must not do
that, so its work goes on and finishes here. Outcome and error still reach the caller when it stays.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg

T = TypeVar("T")

TRANSIENT_SQLSTATES = ("40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "58030")
"""58030 (I/O error) is what COPY on Citus makes of a lost connection to a worker."""
TRANSIENT_CLASSES = ("08", "53")
"""Lost connections, and what the server has run out of for now: room on its disk, memory, connections."""
INTERNAL_ERROR = "XX000"
OUT_OF_USE = ("is closed", "is closing", "is cancelling", "is in progress", "released back to the pool")
"""How asyncpg says that a connection or pool cannot be used any more; its other InterfaceErrors are mistakes of ours."""
ACQUIRE_TIMEOUT_S = 5.0
TRANSACTION_TIMEOUT_S = 20.0
"""Longer than the server's own limits below: it is for a database that has fallen silent and cannot keep them."""
ROLLBACK_TIMEOUT_S = 2.0
ATTEMPTS = 6

SETTINGS = (
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off; "
    "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL jit = off; "
    "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '15s'"
)
"""Joins with `unnest` stay nested loops in the order of the arrays, so that all transactions lock rows in one order; each
text is planned once a connection. Switching plans off raises their cost, which would start the JIT compiler (measured on
PostgreSQL 15: 158 ms a sign-in with it, 7 ms without).
"""
SETTINGS_ON_CITUS = (
    "SET LOCAL citus.max_adaptive_executor_pool_size = 1; SET LOCAL citus.propagate_set_commands = 'local'; "
    "DO 'BEGIN SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off; "
    "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off; "
    "SET LOCAL lock_timeout = ''3s''; SET LOCAL statement_timeout = ''15s''; END'"
)
"""The same on the nodes, where the rows are, with one connection to a node and shards one after the other. A generic plan names no
shard, so a statement that reaches several fails under `force_generic_plan`. Citus sends the whole text that a SET came in to the
nodes; within DO each SET is a text of its own.
"""

_DICE = secrets.SystemRandom()
_running: set[asyncio.Task[object]] = set()
_on_citus: dict[asyncpg.Pool, bool] = {}


class EngineUnavailable(Exception):
    """The database stayed away or busy through every try; whether the work was done is told by repeating the same keys."""


class NoConnection(OSError):
    """No connection was to be had: nothing was begun."""


async def in_transaction(pool: asyncpg.Pool, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """Run `work` in one transaction and commit it; any exception rolls back and is raised. No retry."""
    task = asyncio.create_task(_transact(pool, work))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return await asyncio.shield(task)


async def retried(pool: asyncpg.Pool, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """`in_transaction`, tried again after transient errors with growing pauses. Raises EngineUnavailable at the end.

    Only for work that is safe to repeat.
    """
    for attempt in range(ATTEMPTS):
        try:
            return await in_transaction(pool, work)
        except Exception as error:
            if not is_transient(error):
                raise
            if attempt == ATTEMPTS - 1:
                raise EngineUnavailable("database unavailable") from error
        await asyncio.sleep(pause_s(attempt))
    raise EngineUnavailable("database unavailable")


@asynccontextmanager
async def snapshot(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """A read-only view of the database as it is at this instant, for checks that compare tables while others write."""
    async with (
        pool.acquire() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield connection


async def _transact(pool: asyncpg.Pool, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    try:
        connection = await pool.acquire(timeout=ACQUIRE_TIMEOUT_S)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise NoConnection(type(error).__name__) from error
    try:
        async with asyncio.timeout(TRANSACTION_TIMEOUT_S):
            settings = SETTINGS_ON_CITUS if await _is_on_citus(pool, connection) else SETTINGS
            await connection.execute(f"BEGIN; {settings}")
            result = await work(connection)
            await connection.execute("COMMIT")
        return result
    except BaseException as error:
        await _roll_back(connection, silent=isinstance(error, TimeoutError))
        raise
    finally:
        await pool.release(connection)


async def _is_on_citus(pool: asyncpg.Pool, connection: asyncpg.Connection) -> bool:
    """Whether the pool's server runs Citus; asked once for each pool."""
    if pool not in _on_citus:
        found = await connection.fetchval("SELECT current_setting('citus.version', true) IS NOT NULL")
        for closed in [known for known in _on_citus if known.is_closing()]:
            del _on_citus[closed]
        _on_citus[pool] = found
    return _on_citus[pool]


async def _roll_back(connection: asyncpg.Connection, *, silent: bool) -> None:
    """Undo, or hang up: a connection that does not answer (`silent`) or cannot roll back is of no use to anybody."""
    if connection.is_closed():
        return
    try:
        if silent:
            raise TimeoutError
        async with asyncio.timeout(ROLLBACK_TIMEOUT_S):
            await connection.execute("ROLLBACK")
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


def is_transient(error: BaseException, *, alone: bool = False) -> bool:
    """Whether the same work may succeed when tried again: deadlock, serialization, timeouts, lost connections, a full disk.

    COPY on Citus turns every error of a shard, a deadlock as well as a broken key, into an internal error. Tried again as it is, a
    batch would meet a bad command each time; so an internal error is transient only for work that is `alone`, one command's.
    """
    if isinstance(error, asyncpg.PostgresError):
        state = getattr(error, "sqlstate", "") or ""
        if state == INTERNAL_ERROR:
            return alone
        return state.startswith(TRANSIENT_CLASSES) or state in TRANSIENT_SQLSTATES
    if isinstance(error, asyncpg.InterfaceError):
        return any(word in str(error) for word in OUT_OF_USE)
    # InternalClientError is how a statement on a connection that has just broken may end.
    return isinstance(error, OSError | TimeoutError | asyncpg.InternalClientError)


def may_have_committed(error: BaseException) -> bool:
    """Whether a transient error leaves open if COMMIT was done: the connection broke, where others roll back for sure."""
    if isinstance(error, NoConnection):
        return False
    if isinstance(error, asyncpg.PostgresError):
        state = getattr(error, "sqlstate", "") or ""
        return state.startswith(("08", "57P"))
    return True


def pause_s(attempt: int) -> float:
    """Seconds to wait before try `attempt + 1`: doubling from 20 ms, with jitter so that rivals do not meet again."""
    return float(0.02 * 2**attempt * (0.5 + _DICE.random()))
