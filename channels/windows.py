"""Customer-service windows: for how long, and with how many messages, WeChat lets us write to a member who did something.

Redis holds the windows, under a hash of the openid. Closing times are instants of the injected clock, which may jump, so
Redis's own expiry only deletes windows that closed long ago. While Redis is unavailable every window counts as closed: the
notice takes another route or waits, and nothing is lost. Source: WeChat docs 客服消息 · 下发条件说明.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import structlog
from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from models.together import Together

Trigger = Literal["message", "follow", "scan", "click"]

REDIS_TIMEOUT_S: Final = 0.5
_REDIS_TTL: Final = timedelta(hours=49)

# ARGV[1] is the Redis TTL in milliseconds; three arguments per window follow: trigger, closing time, messages. A window that
# closes no later than the stored one comes from the same event or an earlier one, and must not give used messages back.
_OPEN: Final = """
for i, key in ipairs(KEYS) do
  local trigger, until_ms, messages = ARGV[3 * i - 1], ARGV[3 * i], ARGV[3 * i + 1]
  local window = redis.call('HGET', key, trigger)
  if not window or tonumber(string.match(window, '^(%d+):')) < tonumber(until_ms) then
    redis.call('HSET', key, trigger, until_ms .. ':' .. messages)
    redis.call('PEXPIRE', key, ARGV[1])
  end
end
return #KEYS
"""

# Uses a message of the window that closes first, of those open at ARGV[1] (milliseconds) with a message left.
_TAKE: Final = """
local now, windows, chosen, until_ms, left = tonumber(ARGV[1]), redis.call('HGETALL', KEYS[1]), nil, nil, nil
for i = 1, #windows, 2 do
  local closes, count = string.match(windows[i + 1], '^(%d+):(%d+)$')
  if tonumber(closes) > now and tonumber(count) > 0 and (not chosen or tonumber(closes) < tonumber(until_ms)) then
    chosen, until_ms, left = windows[i], closes, count
  end
end
if not chosen then return 0 end
redis.call('HSET', KEYS[1], chosen, until_ms .. ':' .. (tonumber(left) - 1))
return 1
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Allowance:
    """For how long a window stays open, and how many messages may be sent in it."""

    lasts: timedelta
    messages: int


ALLOWANCES: Final[dict[Trigger, Allowance]] = {
    "message": Allowance(timedelta(hours=48), 5),
    "follow": Allowance(timedelta(minutes=1), 3),
    "scan": Allowance(timedelta(minutes=1), 3),
    "click": Allowance(timedelta(minutes=1), 3),
}


class Windows:
    """The windows in one Redis. No method raises when Redis is unavailable: every window then counts as closed."""

    def __init__(self, redis: Redis) -> None:
        self._open_script = redis.register_script(_OPEN)
        self._take_script = redis.register_script(_TAKE)
        self._opening = Together(self._open_all)

    def open(self, openid: str, trigger: Trigger, at: datetime) -> Awaitable[None]:
        """Start that trigger's window anew, because the member wrote, followed, scanned or tapped the menu at `at`.

        A call for the same instant or an earlier one changes nothing. The work begins at once, whether or not the caller awaits it.
        """
        return self._opening.ask((openid, trigger, at))

    async def take(self, openid: str, now: datetime) -> bool:
        """Use one message of a window open at `now`, atomically; False when there is none, or Redis is unavailable."""
        return bool(await _ask(self._take_script, [_key(openid)], [_ms(now)]))

    async def _open_all(self, openings: Sequence[tuple[str, Trigger, datetime]]) -> list[None]:
        keys: list[str] = []
        arguments: list[int | str] = [int(_REDIS_TTL.total_seconds() * 1000)]
        for openid, trigger, at in openings:
            allowed = ALLOWANCES[trigger]
            keys.append(_key(openid))
            arguments += (trigger, _ms(at + allowed.lasts), allowed.messages)
        await _ask(self._open_script, keys, arguments)
        return [None] * len(openings)


class _Outage:
    """Whether the present outage of Redis is logged already, so that it is logged once and not per message."""

    logged = False

    def begins(self, error: Exception) -> None:
        if not self.logged:
            log.warning(
                "redis_unavailable",
                error=type(error).__name__,
                effect="customer-service windows count as closed",
            )
        self.logged = True

    def ends(self) -> None:
        if self.logged:
            log.info("redis_available")
        self.logged = False


_outage = _Outage()


async def _ask(script: AsyncScript, keys: list[str], arguments: list[int | str]) -> Any:
    try:
        async with asyncio.timeout(REDIS_TIMEOUT_S):
            answer = await script(keys=keys, args=arguments)
    except (RedisError, OSError, TimeoutError) as error:
        _outage.begins(error)
        return None
    _outage.ends()
    return answer


def _key(openid: str) -> str:
    # Redis holds no personal data: the openid itself stays in the database.
    return "window:" + hashlib.sha256(openid.encode()).hexdigest()[:32]


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
