"""One way to call the platform: paced, with the shared token, judged by errcode, repeated where harmless."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import aiohttp
from redis.asyncio import Redis

from wechat.errcodes import MINUTE_QUOTA, meaning, read_errcode
from wechat.errors import (
    ApiError,
    Misconfigured,
    OutcomeUnknown,
    RateLimited,
    TokenRejected,
    Transient,
    UnexpectedErrcode,
)
from wechat.pacing import Pacing
from wechat.shared import SharedState
from wechat.tokens import AccessToken, AccessTokens, Grant
from wechat.transport import Answer, Request, Transport

DEFAULT_TIMEOUT_S: Final = 5.0
PAUSES_MS: Final = (200, 600)
_TOKEN_API: Final = "/cgi-bin/stable_token"  # noqa: S105 - a path
_MAX_ERRMSG_CHARS: Final = 200
_MAX_TOKEN_CHARS: Final = 2048
_MAX_TOKEN_AGE_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Account:
    """An official account or mini-program as the platform knows it."""

    app_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A request and how it may be treated.

    An idempotent call is repeated after a failure; `timeout_s` is for everything together.
    `quota_is_per_user`: being too fast (45011) is then one user's doing and must not pause the others.
    """

    request: Request
    idempotent: bool
    timeout_s: float = DEFAULT_TIMEOUT_S
    needs_token: bool = True
    wants_image: bool = False
    quota_is_per_user: bool = False


class ApiClient:
    """Calls the platform for one account. Without a Redis each process keeps its own token and pace."""

    def __init__(
        self,
        account: Account,
        http: aiohttp.ClientSession,
        base_url: str,
        redis: Redis | None,
        now: Callable[[], datetime],
        calls_per_minute: dict[str, int] | None = None,
        pauses_ms: tuple[int, ...] = PAUSES_MS,
    ) -> None:
        shared = SharedState(redis, account.app_id)
        self.account = account
        self._pauses_ms = pauses_ms
        self._transport = Transport(http, base_url)
        self._pacing = Pacing(shared, now, calls_per_minute)
        self._tokens = AccessTokens(self._fetch_token, shared, now)

    async def close(self) -> None:
        """End what runs in the background; the HTTP session and Redis belong to the caller."""
        await self._tokens.close()

    async def call(self, call: Call) -> dict[str, Any]:
        """Return the fields of the answer.

        Raises the ApiError its errcode means; OutcomeUnknown only for calls that are not idempotent.
        """
        return (await self._repeated(call)).fields or {}

    async def call_for_image(self, call: Call) -> bytes:
        """Return the bytes of a PNG or JPEG; the platform's refusals come as JSON in its place.

        Raises as `call` does.
        """
        return (await self._repeated(replace(call, wants_image=True))).content

    async def _repeated(self, call: Call) -> Answer:
        """Repeat where harmless: before anything was asked, once after a refused token, and if idempotent."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + call.timeout_s
        pauses = _pauses_s(self._pauses_ms)
        rejected: AccessToken | None = None
        while True:
            asked = False
            try:
                token = await self._token(call, rejected, deadline)
                asked = True
                return await self._once(call, token, deadline)
            except TokenRejected:
                if rejected is not None or token is None:
                    raise
                rejected = token
                continue
            except (Transient, OutcomeUnknown) as error:
                failure: ApiError = error
            pause_s = next(pauses, None) if call.idempotent or not asked else None
            if pause_s is None or clock() + pause_s >= deadline:
                raise _settled(failure, call)
            await asyncio.sleep(pause_s)

    async def _token(self, call: Call, rejected: AccessToken | None, deadline: float) -> AccessToken | None:
        if not call.needs_token:
            return None
        try:
            async with asyncio.timeout_at(deadline):
                return await (self._tokens.replace(rejected) if rejected else self._tokens.get())
        except TimeoutError:
            late = Transient(call.request.api, errmsg="no access token in time")
        raise late

    async def _once(self, call: Call, token: AccessToken | None, deadline: float) -> Answer:
        request = call.request
        await self._pacing.admit(request.api)
        left_s = deadline - asyncio.get_running_loop().time()
        if left_s <= 0:
            raise Transient(request.api, errmsg="no time left")
        if token is not None:
            request = replace(request, query={"access_token": token.token, **request.query})
        answer = await self._transport.exchange(request, left_s)
        await self._refuse_errcode(call, request, answer)
        _check_shape(call, answer)
        return answer

    async def _refuse_errcode(self, call: Call, request: Request, answer: Answer) -> None:
        """Raise what the answer's errcode means; many successes have none."""
        try:
            errcode = read_errcode(answer.fields or {})
        except ValueError:
            raise UnexpectedErrcode(request.api, errmsg="errcode is no number") from None
        if errcode == 0:
            return
        errmsg = self._without_secrets(str((answer.fields or {}).get("errmsg", "")), request)
        error = meaning(errcode)
        if issubclass(error, RateLimited):
            raise error(request.api, await self._rests_until(call, errcode), errcode, errmsg)
        raise error(request.api, errcode, errmsg)

    async def _rests_until(self, call: Call, errcode: int) -> datetime:
        if call.quota_is_per_user and errcode in MINUTE_QUOTA:
            return self._pacing.until(errcode)
        return await self._pacing.pause(call.request.api, errcode)

    def _without_secrets(self, errmsg: str, request: Request) -> str:
        """The platform may repeat what it was asked with."""
        for hidden in (self.account.secret, *request.query.values()):
            errmsg = errmsg.replace(hidden, "***") if hidden else errmsg
        return errmsg[:_MAX_ERRMSG_CHARS]

    async def _fetch_token(self) -> Grant:
        body = {
            "grant_type": "client_credential",
            "appid": self.account.app_id,
            "secret": self.account.secret,
            "force_refresh": False,
        }
        try:
            fields = await self.call(
                Call(Request("POST", _TOKEN_API, body=body), idempotent=False, needs_token=False)
            )
        except TokenRejected as error:
            # Where a token is asked for, 40001 is the word for a wrong secret.
            refused: ApiError = Misconfigured(error.api, error.errcode, error.errmsg)
        except OutcomeUnknown as error:
            # Asking again does no harm; whoever needs the token decides whether to.
            refused = Transient(error.api, error.errcode, error.errmsg)
        else:
            return _grant(fields)
        raise refused


def _grant(fields: dict[str, Any]) -> Grant:
    token, expires_in_s = fields.get("access_token"), fields.get("expires_in")
    is_token = isinstance(token, str) and 0 < len(token) <= _MAX_TOKEN_CHARS
    is_term = isinstance(expires_in_s, int) and 0 < expires_in_s <= _MAX_TOKEN_AGE_S
    if not is_token or not is_term:
        raise Transient(_TOKEN_API, errmsg="answered without a usable token")
    return Grant(str(token), int(str(expires_in_s)))


def _check_shape(call: Call, answer: Answer) -> None:
    """An answer without errcode must be what was asked for.

    A page is some gateway's and means that nothing was done; of anything else that cannot be read nothing
    is known.
    """
    api = call.request.api
    if call.wants_image and not answer.is_image:
        raise Transient(api, errmsg="answered with something that is no image")
    if call.wants_image or answer.fields is not None:
        return
    if answer.is_page:
        raise Transient(api, errmsg="answered with a page instead of JSON")
    raise OutcomeUnknown(api, errmsg="answered with something unreadable")


def _settled(failure: ApiError, call: Call) -> ApiError:
    """What an idempotent call did or did not do makes no difference: it may be repeated later."""
    if call.idempotent and isinstance(failure, OutcomeUnknown):
        return Transient(failure.api, failure.errcode, failure.errmsg)
    return failure


def _pauses_s(pauses_ms: tuple[int, ...]) -> Iterator[float]:
    """Growing pauses, each spread over 50 to 150 %, so that processes do not knock in step."""
    for pause_ms in pauses_ms:
        yield pause_ms * (50 + secrets.randbelow(101)) / 100 / 1000
