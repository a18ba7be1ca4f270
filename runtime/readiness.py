"""Whether what a process works with is there: the database, its schema, a right clock, and a Redis that takes writes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

import structlog

from loyalty.schema import SCHEMA
from models.schema import schema_problems
from runtime.resources import Resources, redis_works

READY_TIMEOUT_S: Final = 2.0

log = structlog.get_logger(__name__)


class Readiness(NamedTuple):
    """What is missing, by the names of CHECKS; nothing works without these. Without Redis members are still answered."""

    missing: tuple[str, ...]
    redis: bool


async def readiness(resources: Resources) -> Readiness:
    """Look at everything at once; what takes longer than READY_TIMEOUT_S is missing."""
    held = await asyncio.gather(
        *(_holds(check, resources) for check in CHECKS.values()), redis_works(resources.redis)
    )
    return Readiness(tuple(name for name, holds in zip(CHECKS, held, strict=False) if not holds), held[-1])


async def _holds(check: Callable[[Resources], Awaitable[bool]], resources: Resources) -> bool:
    try:
        async with asyncio.timeout(READY_TIMEOUT_S):
            return await check(resources)
    except Exception as error:  # noqa: BLE001  # with any error the part is not ready
        log.warning("not_ready", error=type(error).__name__)
        return False


async def _database(resources: Resources) -> bool:
    return bool(await resources.pool.fetchval("SELECT true"))


async def _schema(resources: Resources) -> bool:
    return not await schema_problems(resources.pool, SCHEMA)


async def _clock(resources: Resources) -> bool:
    await resources.engine.check_clock()
    return True


CHECKS: Final[dict[str, Callable[[Resources], Awaitable[bool]]]] = {
    "database": _database,
    "migrations": _schema,
    "clock": _clock,
}
