"""Making an engine with all features of the programme."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from base.checked_clock import DEFAULT_TOLERANCE, CheckedClock
from base.clock import Clock
from base.sealing import Keyring
from loyalty.engine.batch import Context
from loyalty.engine.engine import Engine
from loyalty.engine.feature import Feature
from loyalty.engine.registry import Registry
from loyalty.features import FEATURES
from loyalty.programme.publishing.publication import Programme


def open_engine(
    pool: asyncpg.Pool,
    clock: Clock,
    zone: ZoneInfo,
    keyring: Keyring,
    *,
    features: Iterable[Feature] = FEATURES,
    clock_tolerance: timedelta = DEFAULT_TOLERANCE,
    **options: Any,
) -> Engine:
    """An engine, to be opened with `async with`; it books nothing while `clock` is off by more than `clock_tolerance`.

    `options` are those of `Engine`.
    """
    registry, checked = Registry(features), CheckedClock(clock, clock_tolerance)
    programme = Programme(checked, zone, registry.features, keyring)
    context = Context(registry, programme, zone, checked, keyring)
    return Engine(pool, context, **options)
