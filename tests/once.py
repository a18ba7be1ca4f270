"""What stays the same in all tests is worked out, or asked of PostgreSQL, once per process."""

import contextlib
import signal
from collections.abc import Iterable, Iterator
from types import FrameType, SimpleNamespace
from typing import Any, Final
from weakref import WeakSet

import asyncpg
import pytest
from tortoise.apps import Apps
from tortoise.models import Model

FIRST_OF_OURS: Final = 16_384
"""PostgreSQL gives lower numbers only to what every database of its version has."""


def describe_models_once(patch: pytest.MonkeyPatch) -> None:
    """Have Tortoise work out the filters and queries of a model at the first `Tortoise.init` alone, not at each.

    That takes 14 ms of processor, and each test that has a database opens one. What it works out hangs on the model's class, and
    depends on the kind of database alone.
    """
    described: WeakSet[type[Model]] = WeakSet()
    build = Apps._build_initial_querysets

    def build_once(apps: Apps) -> None:
        models = {model for app in apps.apps.values() for model in app.values()}
        if not models <= set(described):
            build(apps)
            described.update(models)

    patch.setattr(Apps, "_build_initial_querysets", build_once)


def ask_for_types_once(patch: pytest.MonkeyPatch) -> None:
    """Have asyncpg ask what an array of a built-in type is once, not on each connection, where it takes 10 ms of processor."""
    known: dict[frozenset[int], Any] = {}
    ask = asyncpg.Connection._introspect_types

    async def ask_once(connection: asyncpg.Connection, types: Iterable[int], patience_s: float | None) -> Any:
        asked = frozenset(types)
        if asked in known:
            return known[asked]
        described, statement = await ask(connection, asked, patience_s)
        if all(number < FIRST_OF_OURS for number in asked):
            known[asked] = described, SimpleNamespace(name=statement.name)
        return described, statement

    patch.setattr(asyncpg.Connection, "_introspect_types", ask_once)


@contextlib.contextmanager
def handle_interrupts_once() -> Iterator[None]:
    """Have Ctrl-C end the tests by a handler that asyncio leaves alone while the block runs, not by Python's own.

    asyncio replaces Python's own handler for each coroutine that a test or a fixture runs. `signal.signal` then formats the handler
    before, with its task and what that returned: of a ledger all its rules, which takes 10 ms of processor.
    """
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    signal.default_int_handler(number, frame)
