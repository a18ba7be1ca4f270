"""What stays the same in all tests is worked out, or asked of PostgreSQL, once per process."""

from collections.abc import Iterable
from types import SimpleNamespace
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
