"""Making an engine with all features of the programme."""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from base.clock import Clock
from loyalty.engine.batch import Context
from loyalty.engine.engine import Engine
from loyalty.engine.feature import Feature
from loyalty.engine.registry import Registry
from loyalty.features import FEATURES
from loyalty.programme.publication import Programme


def open_engine(
    pool: asyncpg.Pool,
    clock: Clock,
    zone: ZoneInfo,
    *,
    features: Iterable[Feature] = FEATURES,
    **options: Any,
) -> Engine:
    """An engine, to be opened with `async with`; `options` are those of `Engine`."""
    registry = Registry(features)
    context = Context(registry, Programme(clock, zone, registry.features), zone)
    return Engine(pool, clock, context, **options)
