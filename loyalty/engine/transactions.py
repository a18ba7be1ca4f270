"""The one place where writing transactions are opened. Each runs in a task of its own, so that cancelling a request does not
cancel it: a task cancelled within BEGIN or COMMIT leaves its pooled connection in an unknown state.

A caller that is still there gets the result or the error. `snapshot`, which only reads, runs in its caller's task.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg

T = TypeVar("T")

TRANSIENT_SQLSTATES = ("25P03", "40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "58030")
"""25P03: the transaction stood idle for too long. 58030 (I/O error) is how COPY on Citus reports a lost connection to a worker."""
TRANSIENT_CLASSES = ("08", "53")
"""Lost connections (08), and resources that are used up for now: disk space, memory, connections (53)."""
INTERNAL_ERROR = "XX000"
OUT_OF_USE = ("is closed", "is closing", "is cancelling", "is in progress", "released back to the pool")
"""What asyncpg says when a connection or pool can no longer be used; its other InterfaceErrors are errors in our code."""
ACQUIRE_TIMEOUT_S = 5.0
TRANSACTION_TIMEOUT_S = 20.0
"""Longer than the server's own limits below: it ends transactions of a database that no longer responds."""
ROLLBACK_TIMEOUT_S = 2.0
ATTEMPTS = 6

SETTINGS = (
    "SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off; "
    "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL jit = off; "
    "SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = '15s'; "
    "SET LOCAL idle_in_transaction_session_timeout = '5s'"
)
"""Joins with `unnest` stay nested loops in the order of the arrays, so that all transactions lock rows in the same order. Generic
plans let each statement be planned once per connection. JIT is off, because disabled plan types raise the estimated cost, which
would start the compiler (measured on PostgreSQL 15: 158 ms per sign-in with it, 7 ms without).

PostgreSQL ends a transaction whose process sends no statement for five seconds, because a process that hangs in the middle of a
transaction would otherwise keep its locks, and no other process could serve these members. Five seconds are less than the six
attempts of another process at `lock_timeout`, so that one of these succeeds.
"""
SETTINGS_ON_CITUS = (
    "SET LOCAL citus.max_adaptive_executor_pool_size = 1; SET LOCAL citus.propagate_set_commands = 'local'; "
    "DO 'BEGIN SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off; "
    "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off; "
    "SET LOCAL lock_timeout = ''3s''; SET LOCAL statement_timeout = ''15s''; "
    "SET LOCAL idle_in_transaction_session_timeout = ''5s''; END'"
)
"""The same settings for the nodes that hold the shards, with one connection per node, which reads its shards one after the other.
Generic plans are not forced, because they name no shard and a statement over several shards would fail. Citus sends the nodes the
whole text that a SET is part of; within DO each SET is a text of its own.
"""

_DICE = secrets.SystemRandom()
_running: set[asyncio.Task[object]] = set()
_on_citus: dict[asyncpg.Pool, bool] = {}


class EngineUnavailable(Exception):
    """The database was unavailable or busy in every attempt. Whether the work was done is open; repeat it with the same keys."""


class NoConnection(OSError):
    """The pool gave no connection, so nothing was begun."""


async def in_transaction(pool: asyncpg.Pool, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """Run `work` in one transaction and commit it; any exception rolls back and is raised. No retry."""
    task = asyncio.create_task(_transact(pool, work))
    _running.add(task)
    task.add_done_callback(_running.discard)
    return await asyncio.shield(task)


async def retried(pool: asyncpg.Pool, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
    """`in_transaction`, retried after transient errors with growing pauses. Raises EngineUnavailable after ATTEMPTS attempts.

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
    """A read-only transaction that sees one state of the database, for checks that compare tables while others write."""
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
    """Whether the pool's server runs Citus; queried once per pool."""
    if pool not in _on_citus:
        found = await connection.fetchval("SELECT current_setting('citus.version', true) IS NOT NULL")
        for closed in [known for known in _on_citus if known.is_closing()]:
            del _on_citus[closed]
        _on_citus[pool] = found
    return _on_citus[pool]


async def _roll_back(connection: asyncpg.Connection, *, silent: bool) -> None:
    """Roll back; terminate a connection that does not answer (`silent`) or cannot roll back."""
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
    """Whether the same work may succeed when retried: deadlock, serialization, timeouts, lost connections, a full disk.

    COPY on Citus reports every error of a shard, a deadlock as well as a violated key, as an internal error. A batch with a bad
    command would fail in each retry, so an internal error is transient only if the work is `alone`, that is, one command's.
    """
    if isinstance(error, asyncpg.PostgresError):
        state = getattr(error, "sqlstate", "") or ""
        if state == INTERNAL_ERROR:
            return alone
        return state.startswith(TRANSIENT_CLASSES) or state in TRANSIENT_SQLSTATES
    if isinstance(error, asyncpg.InterfaceError):
        return any(word in str(error) for word in OUT_OF_USE)
    # A statement on a connection that has just broken may end with InternalClientError.
    return isinstance(error, OSError | TimeoutError | asyncpg.InternalClientError)


def may_have_committed(error: BaseException) -> bool:
    """Whether the transaction may have been committed despite this transient error: true if the connection broke."""
    if isinstance(error, NoConnection):
        return False
    if isinstance(error, asyncpg.PostgresError):
        state = getattr(error, "sqlstate", "") or ""
        return state.startswith(("08", "57P"))
    return True


def pause_s(attempt: int) -> float:
    """Seconds to wait before attempt `attempt + 1`: doubling from 20 ms, with jitter so that two rivals do not collide again."""
    return float(0.02 * 2**attempt * (0.5 + _DICE.random()))
