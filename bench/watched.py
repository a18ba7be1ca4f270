"""A server that times the parts of a request, by wrapping the functions that all requests pass through."""

import asyncio
import re
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import asyncpg
from redis.asyncio import Redis

from base.clock import SystemClock
from base.settings import Settings, load_settings
from bench.child import child_main
from loyalty.engine.engine import Engine
from runtime.listening import listening
from runtime.resources import open_resources
from runtime.server import create_server
from wechat.codec import PushCodec

STATEMENT_CHARS = 72


class Parts:
    """The calls and total seconds of each part."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = defaultdict(lambda: [0, 0.0])

    def add(self, part: str, seconds: float) -> None:
        """Add one call."""
        self.spent[part][0] += 1
        self.spent[part][1] += seconds

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""

        def work(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self.add(part, time.perf_counter() - began)

        async def work_async(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return await function(*args, **kwargs)
            finally:
                self.add(part, time.perf_counter() - began)

        return work_async if asyncio.iscoroutinefunction(function) else work

    def query(self, logged: Any) -> None:
        """Add a statement as asyncpg logs it."""
        self.add("sql: " + re.sub(r"\s+", " ", logged.query).strip()[:STATEMENT_CHARS], logged.elapsed)


async def serve(plan: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Serve until SIGTERM; returns [calls, seconds] by part, counted since the last SIGUSR1."""
    parts = Parts()
    _wrap(parts)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, parts.spent.clear)
    async with (
        open_resources(settings, SystemClock()) as resources,
        listening(create_server(resources), "127.0.0.1", plan["port"]),
    ):
        await stop.wait()
    return dict(parts.spent)


def _copied(parts: Parts, copy: Callable[..., Any]) -> Callable[..., Any]:
    """Time COPY by table, because asyncpg does not log it."""

    async def work(self: Any, table: str, **kwargs: Any) -> Any:
        return await parts.timed(f"sql: COPY {table}", copy)(self, table, **kwargs)

    return work


def _wrap(parts: Parts) -> None:
    connect = asyncpg.Connection.__init__

    def connected(self: Any, *args: Any, **kwargs: Any) -> None:
        connect(self, *args, **kwargs)
        self.add_query_logger(parts.query)

    asyncpg.Connection.__init__ = connected
    asyncpg.Connection.copy_records_to_table = _copied(parts, asyncpg.Connection.copy_records_to_table)
    for part, owner, name in (
        ("open: signature, AES, XML", PushCodec, "open"),
        ("seal: AES, signature, XML", PushCodec, "seal"),
        ("engine", Engine, "run"),
        ("redis", Redis, "execute_command"),
    ):
        setattr(owner, name, parts.timed(part, getattr(owner, name)))


if __name__ == "__main__":
    child_main(lambda plan: load_settings(plan["settings"], None), serve)
