"""Customer-service windows: how long and how often a member may be written to after they did something.

The windows live in Redis, under a hash of the openid. Their closing times are instants of the injected clock,
which may jump; Redis's own expiry only clears away what is long past. A Redis that is away means that no window
is open: the message then takes another way, nothing is lost. Source: WeChat docs 客服消息 · 下发条件说明.
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

PATIENCE_S: Final = 0.5
_KEPT_FOR: Final = timedelta(hours=49)

# Three arguments a window: trigger, closing time, messages; the first of all is how long Redis keeps them. What closes no later
# than the window at hand is the same message told once more, or an earlier one: it gives back none that was used.
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

# Of the windows open at ARGV[1] (milliseconds) with a message left, the one that closes first pays.
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
    """For how long a window stays open and how many messages it lets through."""

    lasts: timedelta
    messages: int


ALLOWANCES: Final[dict[Trigger, Allowance]] = {
    "message": Allowance(timedelta(hours=48), 5),
    "follow": Allowance(timedelta(minutes=1), 3),
    "scan": Allowance(timedelta(minutes=1), 3),
    "click": Allowance(timedelta(minutes=1), 3),
}


class Windows:
    """The windows of one Redis. Nothing here raises for Redis's sake: without it every window is closed."""

    def __init__(self, redis: Redis) -> None:
        self._open_script = redis.register_script(_OPEN)
        self._take_script = redis.register_script(_TAKE)
        self._opening = Together(self._open_all)

    def open(self, openid: str, trigger: Trigger, at: datetime) -> Awaitable[None]:
        """The member wrote, followed, scanned or tapped the menu at `at`: that trigger's window begins anew.

        Told again of the same instant, or of an earlier one, it stays as it is. It is under way whether or not anybody awaits
        its end.
        """
        return self._opening.ask((openid, trigger, at))

    async def take(self, openid: str, now: datetime) -> bool:
        """Use one message of a window open at `now`; False when none is open or left, or Redis is away. Atomic."""
        return bool(await _ask(self._take_script, [_key(openid)], [_ms(now)]))

    async def _open_all(self, visits: Sequence[tuple[str, Trigger, datetime]]) -> list[None]:
        keys: list[str] = []
        arguments: list[int | str] = [int(_KEPT_FOR.total_seconds() * 1000)]
        for openid, trigger, at in visits:
            allowed = ALLOWANCES[trigger]
            keys.append(_key(openid))
            arguments += (trigger, _ms(at + allowed.lasts), allowed.messages)
        await _ask(self._open_script, keys, arguments)
        return [None] * len(visits)


class _Outage:
    """Whether Redis's absence has been told, so that it is told once and not per message."""

    told = False

    def begins(self, error: Exception) -> None:
        if not self.told:
            log.warning(
                "redis_away", error=type(error).__name__, effect="customer-service windows count as closed"
            )
        self.told = True

    def ends(self) -> None:
        if self.told:
            log.info("redis_back")
        self.told = False


_outage = _Outage()


async def _ask(script: AsyncScript, keys: list[str], arguments: list[int | str]) -> Any:
    try:
        async with asyncio.timeout(PATIENCE_S):
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
