"""Failed calls, counted in a metric and logged with API and errcode: as an error where an operator must act."""

from time import monotonic
from typing import Final

import structlog

from base import gauges
from wechat.errors import (
    ApiError,
    LoginRejected,
    OutcomeUnknown,
    RateLimited,
    Transient,
    Undeliverable,
)

LOGGED_EVERY_S: Final = 60.0
"""A failure of the same API and errcode is logged once in this time; `times` says how many there were since."""

log = structlog.get_logger(__name__)


class Failures:
    """The failed calls of one account in one process."""

    def __init__(self) -> None:
        self._logged_at: dict[tuple[str, int | None], float] = {}
        self._since: dict[tuple[str, int | None], int] = {}

    def record(self, error: ApiError) -> None:
        """Count the failure, and log it unless it was logged just now."""
        gauges.wechat_failure(error.api, error.errcode, type(error).__name__)
        key, now_s = (error.api, error.errcode), monotonic()
        times = self._since[key] = self._since.get(key, 0) + 1
        if now_s - self._logged_at.get(key, -LOGGED_EVERY_S) < LOGGED_EVERY_S:
            return
        self._logged_at[key], self._since[key] = now_s, 0
        said = {"api": error.api, "errcode": error.errcode, "meaning": type(error).__name__, "times": times}
        match error:
            case LoginRejected() | Undeliverable():
                log.info("wechat_call_refused", **said)
            case Transient() | OutcomeUnknown() | RateLimited(is_of_the_day=False):
                log.warning("wechat_call_failed", **said, errmsg=error.errmsg)
            case _:
                log.error("wechat_call_refused", **said, errmsg=error.errmsg)
