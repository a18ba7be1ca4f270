"""What the processes of one account tell each other through Redis: small values, counters and a lock.

Redis is a convenience here. When it is away every question is answered with `None` ("not known"),
quickly, and the callers have a way of their own.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

_PATIENCE_S: Final = 0.5
_REST_S: Final = 5.0
_RELEASE: Final = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
)

_T = TypeVar("_T")


class SharedState:
    """One account's corner of Redis; without a Redis it answers `None` to everything."""

    def __init__(self, redis: Redis | None, app_id: str) -> None:
        self._redis = redis
        self._prefix = f"wechat:{app_id}:"
        self._rests_until = 0.0

    async def read(self, name: str) -> str | None:
        """Return the value; `None` when there is none or Redis is away."""
        value = await self._ask(lambda redis: redis.get(self._prefix + name))
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

    async def write(self, name: str, value: str, ttl_s: float) -> None:
        """Keep the value for `ttl_s` seconds, if Redis is there."""
        lasting_ms = max(1, int(ttl_s * 1000))
        await self._ask(lambda redis: redis.set(self._prefix + name, value, px=lasting_ms))

    async def count(self, name: str, ttl_s: int) -> int | None:
        """Add one to a counter that lives `ttl_s` seconds and return it; `None` when Redis is away."""
        key = self._prefix + name

        async def add(redis: Redis) -> int:
            async with redis.pipeline(transaction=True) as pipe:
                pipe.incr(key)
                pipe.expire(key, ttl_s)
                added, _ = await pipe.execute()
            return int(added)

        return await self._ask(add)

    async def acquire(self, name: str, owner: str, ttl_s: float) -> bool | None:
        """Take the lock for `ttl_s` seconds; False when another holds it, `None` when Redis is away."""
        key, lasting_ms = self._prefix + name, int(ttl_s * 1000)

        async def take(redis: Redis) -> bool:
            return bool(await redis.set(key, owner, nx=True, px=lasting_ms))

        return await self._ask(take)

    async def release(self, name: str, owner: str) -> None:
        """Give the lock back if it is still `owner`'s."""

        async def give_back(redis: Redis) -> None:
            await redis.register_script(_RELEASE)(keys=[self._prefix + name], args=[owner])

        await self._ask(give_back)

    async def _ask(self, question: Callable[[Redis], Awaitable[_T]]) -> _T | None:
        """After a failure Redis is left alone for a while, so that its absence costs each caller nothing."""
        loop_time = asyncio.get_running_loop().time()
        if self._redis is None or loop_time < self._rests_until:
            return None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                return await question(self._redis)
        except (RedisError, OSError, TimeoutError):
            self._rests_until = loop_time + _REST_S
            return None
