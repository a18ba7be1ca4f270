"""Everything that can go wrong between us and WeChat.

    PushError                a push that is refused; nothing of it may be used
    ├── PushTooLarge         over 64 KiB
    ├── PushMalformed        unreadable: not the XML or JSON of a message
    ├── PushStale            its timestamp is too far from our clock
    └── PushForged           wrong signature, encryption or app id

    ApiError                 a call to the platform that did not succeed
    ├── Transient            not done, may be tried again later
    ├── OutcomeUnknown       perhaps done: a send must not be repeated
    ├── TokenRejected        the platform refuses our access token even after a reload
    ├── Misconfigured        app id, secret, IP list or permission: an operator must act
    ├── RateLimited          wait until `until`
    ├── Undeliverable        this user cannot be reached this way
    ├── LoginRejected        this login code or session is void: log in again
    ├── BadRequest           our arguments are wrong; repeating cannot help
    │   └── UnfitValue       a template value that cutting cannot make valid
    └── UnexpectedErrcode    the platform refused with a code that is not in our table

    InvalidCredentials       token or EncodingAESKey cannot be right (a ValueError, at start)

An error's text holds the API's path, errcode and errmsg, never a URL, token, secret or session key.
"""

from datetime import datetime
from math import ceil


class InvalidCredentials(ValueError):
    """The configured token, key or app id cannot be right."""


class PushError(Exception):
    """A refused push. Its text may be shown to the sender, `reason` is for our log only."""

    outward = "push refused"

    def __init__(self, reason: str) -> None:
        super().__init__(self.outward)
        self.reason = reason


class PushTooLarge(PushError):
    """The body is over the size limit."""

    outward = "body too large"


class PushMalformed(PushError):
    """The body or query is not that of a WeChat message."""

    outward = "malformed push"


class PushStale(PushError):
    """The timestamp is too far from our clock."""

    outward = "stale timestamp"


class PushForged(PushError):
    """Signature, padding, length or app id is wrong; the text is the same for all, so that an attacker learns nothing."""

    outward = "signature or encryption invalid"


class ApiError(Exception):
    """A call to the platform that did not succeed."""

    def __init__(self, api: str, errcode: int | None = None, errmsg: str = "") -> None:
        said = f"{api}: {errmsg}" if errcode is None else f"{api}: errcode {errcode} {errmsg}"
        super().__init__(said.strip())
        self.api = api
        self.errcode = errcode
        self.errmsg = errmsg


class Transient(ApiError):
    """The platform or the way to it failed; the call was not carried out."""


class OutcomeUnknown(ApiError):
    """The request may have been carried out: no response came, or an unreadable one."""


class TokenRejected(ApiError):
    """The access token was refused twice, the second time freshly loaded."""


class Misconfigured(ApiError):
    """App id, secret, IP list or permission is wrong; an operator must act."""


class RateLimited(ApiError):
    """The API's quota is used up until `until` (aware UTC): that of the day, or of the minute."""

    def __init__(
        self,
        api: str,
        until: datetime,
        errcode: int | None = None,
        errmsg: str = "",
        *,
        is_of_the_day: bool = False,
    ) -> None:
        super().__init__(api, errcode, errmsg or f"paused until {until.isoformat()}")
        self.until = until
        self.is_of_the_day = is_of_the_day


class Undeliverable(ApiError):
    """This user cannot be reached by this message: gone, refused, or outside the window."""


class LoginRejected(ApiError):
    """The login code or session is void."""


class BadRequest(ApiError):
    """Our arguments are wrong; the same call cannot succeed."""


class UnfitValue(BadRequest):
    """A template value breaks the rule of its key and cannot be cut to fit; nothing was sent."""


class UnexpectedErrcode(ApiError):
    """An errcode without a rule; not repeated."""


NEEDS_AN_OPERATOR = (TokenRejected, Misconfigured, BadRequest, UnexpectedErrcode)
"""Errors that last until an operator, or a new release, mends what is wrong."""
PASSING_S = 5
MENDING_S = 600


def retry_after_s(error: ApiError, now: datetime) -> int:
    """Seconds until the same call may succeed: to the end of a pause, ten minutes where somebody must act, otherwise five."""
    if isinstance(error, RateLimited):
        return max(1, ceil((error.until - now).total_seconds()))
    return MENDING_S if isinstance(error, NEEDS_AN_OPERATOR) else PASSING_S
