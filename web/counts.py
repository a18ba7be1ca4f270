"""Limits that hold over all processes: uses per period, counted in Redis.

`web.limits` protects a process and counts by itself; here a number was promised to somebody, or keeps a secret from being guessed,
so it must not grow with the processes. Without Redis each process counts alone: nobody is shut out, and the limit is up to N times
as high with N processes.
"""

import asyncio
from collections import OrderedDict
from datetime import datetime
from typing import Final

import structlog
from aiohttp import web
from redis.asyncio import Redis
from redis.exceptions import RedisError

REDIS_TIMEOUT_S: Final = 0.5
MOST_NAMES: Final = 10_000
"""How many names a process counts by itself; beyond it the one that began longest ago is forgotten."""

log = structlog.get_logger(__name__)


class Counts:
    """Counts uses of names. A period is one of the clock's own: the 60 s from 10:00:00 to 10:01:00, not 60 s from the first use."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._alone: OrderedDict[str, int] = OrderedDict()

    async def take(self, name: str, most: int, period_s: int, now: datetime) -> int:
        """Count a use, also one too many; 0 if it is within `most` per period, else the seconds until the period ends."""
        begun_s = int(now.timestamp()) // period_s * period_s
        used = await self._add(f"jifen:count:{name}:{begun_s}", 1, period_s)
        return 0 if used <= most else max(1, begun_s + period_s - int(now.timestamp()))

    async def give_back(self, name: str, period_s: int, now: datetime) -> None:
        """Take back a use that was counted in this period, because it did not deserve to be."""
        begun_s = int(now.timestamp()) // period_s * period_s
        await self._add(f"jifen:count:{name}:{begun_s}", -1, period_s)

    async def _add(self, key: str, by: int, period_s: int) -> int:
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_S), self._redis.pipeline(transaction=False) as pipe:
                pipe.incrby(key, by)
                pipe.expire(key, 2 * period_s)
                used, _ = await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("counting_alone", error=type(error).__name__)
            return self._add_alone(key, by)
        return int(used)

    def _add_alone(self, key: str, by: int) -> int:
        self._alone[key] = self._alone.get(key, 0) + by
        if len(self._alone) > MOST_NAMES:
            self._alone.popitem(last=False)
        return self._alone[key]


COUNTS: Final = web.AppKey("counts", Counts)
