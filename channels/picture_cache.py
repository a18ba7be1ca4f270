"""Tickets and drawn pictures of invitations in Redis, in a fixed number of places; all of them can be made again.

A picture takes some 10 to 100 KB, so that one per member would fill Redis, and one per nickname did: one member who renamed
themselves all day filled 50 GB. A member's pictures have one place each, which members with the same place take from each other.
"""

import asyncio
import hashlib
import zlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, NamedTuple

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

REDIS_TIMEOUT_S: Final = 0.5
_DIGEST_BYTES: Final = 32

log = structlog.get_logger(__name__)


class Shelf(NamedTuple):
    """One kind of picture: its name, how many places there are for all members, and for how long one is kept."""

    name: str
    places: int
    kept_for: timedelta


async def cached_picture(
    redis: Redis, shelf: Shelf, owner: str, source: bytes, make: Callable[[], Awaitable[bytes]]
) -> bytes:
    """The owner's picture that depends on `source` alone; `make` draws it where the cache has none. Raises what `make` raises."""
    key = f"invite:{shelf.name}:{zlib.crc32(owner.encode()) % shelf.places}"
    digest = hashlib.sha256(owner.encode() + b"\0" + source).digest()
    cached = await read_cache(redis, key)
    if cached is not None and cached[:_DIGEST_BYTES] == digest:
        return cached[_DIGEST_BYTES:]
    picture = await make()
    await write_cache(redis, key, digest + picture, shelf.kept_for)
    return picture


async def read_cache(redis: Redis, key: str) -> bytes | None:
    """The cached value; None when Redis is unavailable, as everything here can be made again."""
    try:
        async with asyncio.timeout(REDIS_TIMEOUT_S):
            cached: bytes | None = await redis.get(key)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("invitation_cache_unavailable", error=type(error).__name__)
        return None
    return cached


async def write_cache(redis: Redis, key: str, value: bytes, ttl: timedelta) -> None:
    """Keep a value; without Redis, or with a full one, it is not kept."""
    try:
        async with asyncio.timeout(REDIS_TIMEOUT_S):
            await redis.set(key, value, ex=ttl)
    except (RedisError, OSError, TimeoutError) as error:
        log.warning("invitation_cache_unavailable", error=type(error).__name__)
