"""The rate limits of each API, shared by all processes through Redis.

Errcode 45011 pauses an API to the end of the minute, 45009 to midnight in Beijing. Calls to APIs with a documented limit per minute
are also counted here, so that they stay below it. Source: WeChat docs 接口调用频次限制.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from wechat.errcodes import DAY_QUOTA
from wechat.errors import RateLimited
from wechat.shared import SharedState

CALLS_PER_MINUTE: Final = {"/wxa/getwxacodeunlimit": 5000, "/cgi-bin/stable_token": 10_000}
_BEIJING: Final = ZoneInfo("Asia/Shanghai")
_MINUTE_S: Final = 60


class RateLimits:
    """One account's rate limits, API by API. `now` returns aware UTC."""

    def __init__(
        self,
        shared: SharedState,
        now: Callable[[], datetime],
        calls_per_minute: dict[str, int] | None = None,
    ) -> None:
        self._shared = shared
        self._now = now
        self._limits = CALLS_PER_MINUTE if calls_per_minute is None else calls_per_minute
        self._paused: dict[str, float] = {}
        self._counted: dict[str, tuple[int, int]] = {}

    async def admit(self, api: str) -> None:
        """Let one call to the API (its path) through.

        Raises RateLimited while the API is paused or its calls of this minute are used up.
        """
        until = await self._paused_until(api)
        if until > self._now().timestamp():
            is_of_the_day = until - self._now().timestamp() > _MINUTE_S
            raise RateLimited(api, datetime.fromtimestamp(until, UTC), is_of_the_day=is_of_the_day)
        if api in self._limits:
            await self._count(api)

    async def pause(self, api: str, errcode: int) -> datetime:
        """Pause the API after an errcode that says its quota is used up; return until when."""
        until = self.until(errcode)
        self._paused[api] = until.timestamp()
        ttl_s = (until - self._now()).total_seconds()
        await self._shared.write(f"pause:{api}", str(until.timestamp()), ttl_s)
        return until

    def until(self, errcode: int) -> datetime:
        """Return when a quota that ended with this errcode is renewed."""
        now = self._now()
        if errcode == DAY_QUOTA:
            tomorrow = now.astimezone(_BEIJING).date() + timedelta(days=1)
            return datetime.combine(tomorrow, time(), _BEIJING).astimezone(UTC)
        return datetime.fromtimestamp((now.timestamp() // _MINUTE_S + 1) * _MINUTE_S, UTC)

    async def _paused_until(self, api: str) -> float:
        own = self._paused.get(api, 0.0)
        shared = await self._shared.read(f"pause:{api}")
        try:
            return max(own, float(shared or 0))
        except ValueError:
            return own

    async def _count(self, api: str) -> None:
        minute = int(self._now().timestamp()) // _MINUTE_S
        own_minute, own_calls = self._counted.get(api, (minute, 0))
        own_calls = own_calls + 1 if own_minute == minute else 1
        self._counted[api] = (minute, own_calls)
        calls = await self._shared.count(f"pace:{api}:{minute}", 2 * _MINUTE_S)
        if max(own_calls, calls or 0) > self._limits[api]:
            raise RateLimited(api, self.until(0))
