"""The work of the database for a read: its milliseconds, its statements, and the tables that these scan from end to end."""

import json
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg

RUNS: Final = 7
"""From the sixth on PostgreSQL may plan a statement once for all its arguments."""
LARGE: Final = 100_000
ROWS_OF: Final = (
    "SELECT relname, reltuples::bigint AS rows FROM pg_class WHERE relkind = 'r' AND reltuples >= $1"
)
SCANS: Final = ("Seq Scan", "Parallel Seq Scan")


@dataclass
class Watched:
    """One read: the first run, then the median of the others, in milliseconds at the database; how many rows it looked like."""

    statements: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    elapsed_ms: list[float] = field(default_factory=list)
    scanned: set[str] = field(default_factory=set)

    @property
    def first_ms(self) -> float:
        """The first run, for which the plans were made and pages may have come from the disk."""
        return self.elapsed_ms[0]

    @property
    def median_ms(self) -> float:
        """The median of the runs behind the first."""
        return statistics.median(self.elapsed_ms[1:] or self.elapsed_ms)

    @property
    def worst_ms(self) -> float:
        """The longest of the runs behind the first."""
        return max(self.elapsed_ms[1:] or self.elapsed_ms)


class Watch:
    """Listens to every statement of a pool, and asks the database how it would carry it out."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._seen: list[tuple[str, tuple[Any, ...], float]] = []

    def heard(self, query: Any) -> None:
        """Note a statement, as a connection's query logger. What asyncpg asks about types, once for each, is not the read's."""
        if any(own in query.query for own in ("typeinfo_tree", "'jit'")):
            return
        self._seen.append((query.query, tuple(query.args or ()), query.elapsed))

    async def read(self, run: Callable[[], Awaitable[object]], runs: int = RUNS) -> Watched:
        """Run a read several times, then look at the plans of the statements of the first run."""
        watched = Watched()
        for number in range(runs):
            self._seen = []
            await run()
            watched.elapsed_ms.append(1000 * sum(elapsed for *_, elapsed in self._seen))
            if number == 0:
                watched.statements = {text: arguments for text, arguments, _ in self._seen}
        large = {row["relname"] for row in await self._pool.fetch(ROWS_OF, LARGE)}
        for text, arguments in watched.statements.items():
            if text.lstrip().upper().startswith(("SELECT", "WITH")):
                watched.scanned |= large & {name async for name in scanned(self._pool, text, arguments)}
        return watched


async def scanned(
    database: asyncpg.Pool | asyncpg.Connection, text: str, arguments: tuple[Any, ...]
) -> AsyncIterator[str]:
    """The tables that a statement would scan from end to end."""
    plan = json.loads(await database.fetchval(f"EXPLAIN (FORMAT JSON) {text}", *arguments))
    for name in _scans(plan[0]["Plan"]):
        yield name


def _scans(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] in SCANS:
        yield node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from _scans(inner)


@asynccontextmanager
async def watching(pool: asyncpg.Pool) -> AsyncIterator[Watch]:
    """Listen to the statements of all connections that the pool has now."""
    watch = Watch(pool)
    connections = [await pool.acquire() for _ in range(pool.get_max_size())]
    for connection in connections:
        connection.add_query_logger(watch.heard)
        await pool.release(connection)
    try:
        yield watch
    finally:
        for _ in connections:
            connection = await pool.acquire()
            connection.remove_query_logger(watch.heard)
            await pool.release(connection)
