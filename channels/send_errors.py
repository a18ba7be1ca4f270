"""The consequence of a failed send for its notice: the next route, another attempt later, or the end.

A send whose outcome is unknown ends the notice as `unknown` and is never repeated, templates included: WeChat
de-duplicates `client_msg_id` for ten minutes only, and does not promise to. Faults of the set-up are no matter of one notice: see
`faults`.
"""

from datetime import datetime, timedelta
from typing import Final

from channels.outbox import Channel, Verdict
from channels.routes import Declined
from wechat.errors import ApiError, OutcomeUnknown, RateLimited, Transient, Undeliverable

MAX_ATTEMPTS: Final = 8
FIRST_RETRY: Final = timedelta(seconds=30)
"""The pause before the second attempt; each further one is twice as long."""


def reason_of(error: ApiError) -> str:
    """`errcode_40037`, or the error's name where there is no errcode."""
    return f"errcode_{error.errcode}" if error.errcode else type(error).__name__


def judge(error: ApiError, channel: Channel, attempts: int, now: datetime) -> Verdict | Declined:
    """The consequence of a failed send by `channel`; `attempts` includes this one."""
    reason = reason_of(error)
    if isinstance(error, Undeliverable):
        return Declined(reason)
    if isinstance(error, OutcomeUnknown):
        return Verdict("unknown", reason, channel)
    if isinstance(error, RateLimited):
        return Verdict("due", reason, due_at=error.until, counts=False)
    if isinstance(error, Transient) and attempts < MAX_ATTEMPTS:
        return Verdict("due", reason, due_at=now + FIRST_RETRY * 2 ** (attempts - 1))
    return Verdict("failed", reason)
