"""The consequence of a failed send for its notice: the next route, another attempt later, or the end.

A send whose outcome is unknown ends the notice as `unknown` and is never repeated, templates included: WeChat
de-duplicates `client_msg_id` for ten minutes only, and does not promise to.
"""

from datetime import datetime, timedelta
from typing import Final

from channels.outbox import Channel, Verdict
from channels.routes import Declined
from wechat.errors import (
    ApiError,
    Misconfigured,
    OutcomeUnknown,
    RateLimited,
    TokenRejected,
    Transient,
    Undeliverable,
)

MAX_ATTEMPTS: Final = 8
FIRST_RETRY: Final = timedelta(seconds=30)
"""The pause before the second attempt; each further one is twice as long."""
REPAIR_PAUSE: Final = timedelta(minutes=10)
"""How long to wait when an operator must correct something at WeChat or in the settings first."""


def judge(error: ApiError, channel: Channel, attempts: int, now: datetime) -> Verdict | Declined:
    """The consequence of a failed send by `channel`; `attempts` includes this one."""
    reason = f"errcode_{error.errcode}" if error.errcode else type(error).__name__
    if isinstance(error, Undeliverable):
        return Declined(reason)
    if isinstance(error, OutcomeUnknown):
        return Verdict("unknown", reason, channel)
    if isinstance(error, RateLimited):
        return Verdict("due", reason, due_at=error.until, counts=False)
    if isinstance(error, Misconfigured | TokenRejected):
        return Verdict("due", reason, due_at=now + REPAIR_PAUSE, counts=False, halt=True)
    if isinstance(error, Transient) and attempts < MAX_ATTEMPTS:
        return Verdict("due", reason, due_at=now + FIRST_RETRY * 2 ** (attempts - 1))
    return Verdict("failed", reason)
