"""The API client: every call observes the rate limits, carries the shared token, is judged by its errcode, and retried if safe."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import aiohttp
from redis.asyncio import Redis

from wechat.errcodes import DAY_QUOTA, MINUTE_QUOTA, TOKEN_API, meaning, read_errcode
from wechat.errors import (
    ApiError,
    Misconfigured,
    OutcomeUnknown,
    RateLimited,
    TokenRejected,
    Transient,
    UnexpectedErrcode,
)
from wechat.failures import Failures
from wechat.rate_limits import RateLimits
from wechat.shared import SharedState
from wechat.tokens import AccessToken, AccessTokens, Grant
from wechat.transport import ApiResponse, Request, Transport

DEFAULT_TIMEOUT_S: Final = 5.0
PAUSES_MS: Final = (200, 600)
_MAX_ERRMSG_CHARS: Final = 200
_MAX_TOKEN_CHARS: Final = 2048
_MAX_TOKEN_AGE_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Account:
    """The credentials of an official account or mini-program."""

    app_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A request and how it may be treated.

    An idempotent call is retried after a failure; `timeout_s` covers the token, all tries and the pauses between them.
    `quota_is_per_user`: errcode 45011 concerns one user only, so it must not pause the API for the others.
    """

    request: Request
    idempotent: bool
    timeout_s: float = DEFAULT_TIMEOUT_S
    needs_token: bool = True
    wants_image: bool = False
    quota_is_per_user: bool = False


class ApiClient:
    """Calls the platform for one account. Without a Redis each process has its own token and rate limits."""

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
        self._rate_limits = RateLimits(shared, now, calls_per_minute)
        self._tokens = AccessTokens(self._fetch_token, shared, now)
        self._failures = Failures()

    async def close(self) -> None:
        """Cancel a token renewal in progress; the HTTP session and Redis belong to the caller."""
        await self._tokens.close()

    async def call(self, call: Call) -> dict[str, Any]:
        """Return the fields of the response.

        Raises the ApiError its errcode means; OutcomeUnknown only for calls that are not idempotent.
        """
        return (await self._recorded(call)).fields or {}

    async def call_for_image(self, call: Call) -> bytes:
        """Return the bytes of a PNG or JPEG; a refusal comes as JSON instead and raises as in `call`."""
        return (await self._recorded(replace(call, wants_image=True))).content

    async def _recorded(self, call: Call) -> ApiResponse:
        """Make the call and record its failure; that of a token is recorded by the token's own call."""
        try:
            return await self._with_retries(call)
        except ApiError as error:
            if error.api == call.request.api:
                self._failures.record(error)
            raise

    async def _with_retries(self, call: Call) -> ApiResponse:
        """Retry while no request was sent, once after a rejected token, and otherwise only idempotent calls."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + call.timeout_s
        pauses = _pauses_with_jitter_s(self._pauses_ms)
        rejected: AccessToken | None = None
        while True:
            sent = False
            try:
                token = await self._token(call, rejected, deadline)
                sent = True
                return await self._attempt(call, token, deadline)
            except TokenRejected:
                if rejected is not None or token is None:
                    raise
                rejected = token
                continue
            except (Transient, OutcomeUnknown) as error:
                failure: ApiError = error
            pause_s = next(pauses, None) if call.idempotent or not sent else None
            if pause_s is None or clock() + pause_s >= deadline:
                raise _final_error(failure, call)
            await asyncio.sleep(pause_s)

    async def _token(self, call: Call, rejected: AccessToken | None, deadline: float) -> AccessToken | None:
        if not call.needs_token:
            return None
        try:
            async with asyncio.timeout_at(deadline):
                return await (self._tokens.replace(rejected) if rejected else self._tokens.get())
        except TimeoutError:
            timed_out = Transient(call.request.api, errmsg="no access token in time")
        raise timed_out

    async def _attempt(self, call: Call, token: AccessToken | None, deadline: float) -> ApiResponse:
        request = call.request
        await self._rate_limits.admit(request.api)
        left_s = deadline - asyncio.get_running_loop().time()
        if left_s <= 0:
            raise Transient(request.api, errmsg="no time left")
        if token is not None:
            request = replace(request, query={"access_token": token.token, **request.query})
        response = await self._transport.exchange(request, left_s)
        await self._refuse_errcode(call, request, response)
        _check_shape(call, response)
        return response

    async def _refuse_errcode(self, call: Call, request: Request, response: ApiResponse) -> None:
        """Raise the error of the response's errcode; no errcode means success."""
        try:
            errcode = read_errcode(response.fields or {})
        except ValueError:
            raise UnexpectedErrcode(request.api, errmsg="errcode is no number") from None
        if errcode == 0:
            return
        errmsg = self._without_secrets(str((response.fields or {}).get("errmsg", "")), request)
        error = meaning(errcode)
        if issubclass(error, RateLimited):
            until = await self._paused_until(call, errcode)
            raise error(request.api, until, errcode, errmsg, is_of_the_day=errcode == DAY_QUOTA)
        raise error(request.api, errcode, errmsg)

    async def _paused_until(self, call: Call, errcode: int) -> datetime:
        if call.quota_is_per_user and errcode in MINUTE_QUOTA:
            return self._rate_limits.until(errcode)
        return await self._rate_limits.pause(call.request.api, errcode)

    def _without_secrets(self, errmsg: str, request: Request) -> str:
        """Remove our secret and query from an errmsg, as the platform may echo them."""
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
                Call(Request("POST", TOKEN_API, body=body), idempotent=False, needs_token=False)
            )
        except TokenRejected as error:
            # In the response to a token request, 40001 means a wrong secret.
            refused: ApiError = Misconfigured(error.api, error.errcode, error.errmsg)
        except OutcomeUnknown as error:
            # A token request is safe to repeat; the caller that needs the token decides about a retry.
            refused = Transient(error.api, error.errcode, error.errmsg)
        else:
            return _grant(fields)
        raise refused


def _grant(fields: dict[str, Any]) -> Grant:
    token, expires_in_s = fields.get("access_token"), fields.get("expires_in")
    is_token = isinstance(token, str) and 0 < len(token) <= _MAX_TOKEN_CHARS
    is_term = isinstance(expires_in_s, int) and 0 < expires_in_s <= _MAX_TOKEN_AGE_S
    if not is_token or not is_term:
        raise Transient(TOKEN_API, errmsg="answered without a usable token")
    return Grant(str(token), int(str(expires_in_s)))


def _check_shape(call: Call, response: ApiResponse) -> None:
    """Raise unless a response without errcode has the expected form.

    An HTML page comes from a gateway, so the call was not carried out. After any other unreadable response the outcome is unknown.
    """
    api = call.request.api
    if call.wants_image and not response.is_image:
        raise Transient(api, errmsg="answered with something that is no image")
    if call.wants_image or response.fields is not None:
        return
    if response.is_page:
        raise Transient(api, errmsg="answered with a page instead of JSON")
    raise OutcomeUnknown(api, errmsg="answered with something unreadable")


def _final_error(failure: ApiError, call: Call) -> ApiError:
    """The error to raise: for an idempotent call an unknown outcome is only transient, as it may be repeated later."""
    if call.idempotent and isinstance(failure, OutcomeUnknown):
        return Transient(failure.api, failure.errcode, failure.errmsg)
    return failure


def _pauses_with_jitter_s(pauses_ms: tuple[int, ...]) -> Iterator[float]:
    """Growing pauses, each with a jitter of 50 to 150 %, so that processes do not retry at the same moment."""
    for pause_ms in pauses_ms:
        yield pause_ms * (50 + secrets.randbelow(101)) / 100 / 1000
