"""State that the processes of one account share through Redis: small values, counters and a lock.

No caller depends on it: while Redis is unavailable every method quickly returns `None` ("not known"), and each process goes on with
its own state.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

_TIMEOUT_S: Final = 0.5
_RETRY_AFTER_S: Final = 5.0
_RELEASE: Final = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
)

_T = TypeVar("_T")


class SharedState:
    """One account's keys in Redis; without a Redis every method returns `None`."""

    def __init__(self, redis: Redis | None, app_id: str) -> None:
        self._redis = redis
        self._prefix = f"wechat:{app_id}:"
        self._unavailable_until = 0.0

    async def read(self, name: str) -> str | None:
        """Return the value; `None` when there is none or Redis is unavailable."""
        value = await self._ask(lambda redis: redis.get(self._prefix + name))
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

    async def write(self, name: str, value: str, ttl_s: float) -> None:
        """Store the value for `ttl_s` seconds; does nothing while Redis is unavailable."""
        lasting_ms = max(1, int(ttl_s * 1000))
        await self._ask(lambda redis: redis.set(self._prefix + name, value, px=lasting_ms))

    async def count(self, name: str, ttl_s: int) -> int | None:
        """Add one to a counter that lives `ttl_s` seconds and return it; `None` when Redis is unavailable."""
        key = self._prefix + name

        async def add(redis: Redis) -> int:
            async with redis.pipeline(transaction=True) as pipe:
                pipe.incr(key)
                pipe.expire(key, ttl_s)
                added, _ = await pipe.execute()
            return int(added)

        return await self._ask(add)

    async def acquire(self, name: str, owner: str, ttl_s: float) -> bool | None:
        """Take the lock for `ttl_s` seconds; False when another process holds it, `None` when Redis is unavailable."""
        key, lasting_ms = self._prefix + name, int(ttl_s * 1000)

        async def take(redis: Redis) -> bool:
            return bool(await redis.set(key, owner, nx=True, px=lasting_ms))

        return await self._ask(take)

    async def release(self, name: str, owner: str) -> None:
        """Release the lock if `owner` still holds it."""

        async def give_back(redis: Redis) -> None:
            await redis.register_script(_RELEASE)(keys=[self._prefix + name], args=[owner])

        await self._ask(give_back)

    async def _ask(self, question: Callable[[Redis], Awaitable[_T]]) -> _T | None:
        """Ask Redis. After a failure it is not asked for _RETRY_AFTER_S, so that callers do not wait for a timeout each."""
        loop_time = asyncio.get_running_loop().time()
        if self._redis is None or loop_time < self._unavailable_until:
            return None
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await question(self._redis)
        except (RedisError, OSError, TimeoutError):
            self._unavailable_until = loop_time + _RETRY_AFTER_S
            return None
