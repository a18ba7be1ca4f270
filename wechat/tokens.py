"""The access token: one for all processes of an account, fetched by one process at a time.

stable_token returns the same token until its last five minutes, so a token is renewed when 300 seconds are left, and fetching twice
does no harm. While Redis is unavailable each process therefore fetches for itself. Source: WeChat docs 获取稳定版接口调用凭据.
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final, TypeGuard

from base.ending import end_tasks
from wechat.errors import ApiError, Misconfigured
from wechat.shared import SharedState

RENEW_BEFORE_S: Final = 300
REFUSED_FOR_S: Final = 10
"""How long a refusal for wrong credentials is believed, so that every login with a wrong secret does not ask the platform again."""
_LEAST_USE_S: Final = 10
_LOCK_TTL_S: Final = 8.0
_LOCK_POLL_S: Final = 0.05
_TOKEN: Final = "token"  # noqa: S105 - the name of a key in Redis
_LOCK: Final = "token-lock"


@dataclass(frozen=True, slots=True)
class Grant:
    """A token as the platform granted it, and for how long."""

    token: str = field(repr=False)
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token in use; times are Unix seconds. `serial` differs after each fetch, even of the same token."""

    token: str = field(repr=False)
    serial: str
    renew_at: float
    expires_at: float


class AccessTokens:
    """Hands out an account's access token. `fetch` asks the platform for one, `now` returns aware UTC."""

    def __init__(
        self, fetch: Callable[[], Awaitable[Grant]], shared: SharedState, now: Callable[[], datetime]
    ) -> None:
        self._fetch = fetch
        self._shared = shared
        self._now = now
        self._kept: AccessToken | None = None
        self._rejected_serial: str | None = None
        self._renewal: asyncio.Task[AccessToken] | None = None
        self._refusal: tuple[float, Misconfigured] | None = None

    async def get(self) -> AccessToken:
        """Return a token that is valid for the next call. Raises ApiError when none can be fetched."""
        return self._kept if self._is_good(self._kept) else await self._renewed()

    async def replace(self, rejected: AccessToken) -> AccessToken:
        """Return a token fetched after the rejected one; calls rejected at the same time share one fetch. Raises ApiError."""
        if self._kept is None or self._kept.serial == rejected.serial:
            self._rejected_serial = rejected.serial
        token = await self.get()
        # A renewal in progress may have ended with the token that was rejected meanwhile.
        return token if token.serial != rejected.serial else await self.get()

    async def close(self) -> None:
        """Cancel a renewal in progress."""
        if self._renewal is not None:
            await end_tasks([self._renewal])

    def _is_good(self, token: AccessToken | None) -> TypeGuard[AccessToken]:
        return (
            token is not None
            and token.serial != self._rejected_serial
            and self._now().timestamp() < token.renew_at
        )

    async def _renewed(self) -> AccessToken:
        """Renew in one task that all callers wait for; a caller that is cancelled does not cancel it."""
        if self._refusal is not None and self._now().timestamp() < self._refusal[0]:
            refused = self._refusal[1]
            raise Misconfigured(refused.api, refused.errcode, refused.errmsg)
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew())
            self._renewal.add_done_callback(_mark_seen)
        return await asyncio.shield(self._renewal)

    async def _renew(self) -> AccessToken:
        found = await self._shared_token() or await self._fetched_in_turn()
        self._kept = found
        return found

    async def _shared_token(self) -> AccessToken | None:
        token = _parse(await self._shared.read(_TOKEN))
        return token if self._is_good(token) else None

    async def _fetched_in_turn(self) -> AccessToken:
        """Fetch while holding the lock of all processes, or use the token that the lock's holder has fetched."""
        owner = secrets.token_hex(16)
        for _ in range(int(_LOCK_TTL_S / _LOCK_POLL_S)):
            if await self._shared.acquire(_LOCK, owner, _LOCK_TTL_S) is not False:
                break
            await asyncio.sleep(_LOCK_POLL_S)
            if token := await self._shared_token():
                return token
        try:
            return await self._shared_token() or await self._fetched()
        finally:
            await self._shared.release(_LOCK, owner)

    async def _fetched(self) -> AccessToken:
        try:
            grant = await self._fetch()
        except ApiError as error:
            if isinstance(error, Misconfigured):
                self._refusal = self._now().timestamp() + REFUSED_FOR_S, error
            # Renewal starts before the token expires, so while the platform fails the present token is still valid.
            if kept := self._still_valid():
                return kept
            raise
        token = self._token_of(grant)
        await self._shared.write(_TOKEN, json.dumps(asdict(token)), grant.expires_in_s)
        return token

    def _still_valid(self) -> AccessToken | None:
        kept, now_s = self._kept, self._now().timestamp()
        if kept is None or kept.serial == self._rejected_serial or now_s >= kept.expires_at:
            return None
        return AccessToken(kept.token, kept.serial, now_s + _LEAST_USE_S, kept.expires_at)

    def _token_of(self, grant: Grant) -> AccessToken:
        """A token granted for its last minutes is used for at least _LEAST_USE_S, or each call would fetch another."""
        now_s = self._now().timestamp()
        expires_at = now_s + grant.expires_in_s
        least_s = min(_LEAST_USE_S, grant.expires_in_s / 2)
        renew_at = max(expires_at - RENEW_BEFORE_S, now_s + least_s)
        return AccessToken(grant.token, secrets.token_hex(8), renew_at, expires_at)


def _mark_seen(renewal: asyncio.Task[AccessToken]) -> None:
    """Retrieve the error, so that asyncio does not log it when every caller was cancelled."""
    if not renewal.cancelled():
        renewal.exception()


def _parse(text: str | None) -> AccessToken | None:
    """The token stored in Redis; None for anything else under that key."""
    try:
        found = AccessToken(**json.loads(text or ""))
    except (ValueError, TypeError):
        return None
    is_sound = isinstance(found.token, str) and isinstance(found.renew_at, float | int)
    return found if is_sound else None
