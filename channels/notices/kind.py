"""The type of a kind of notice: all that differs between two kinds, so that delivery names none of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

import asyncpg

from channels.outbox import Channel, Claimed
from channels.recipient import Recipient
from loyalty.programme.declaring.sections import Template
from loyalty.programme.in_force.live import LiveRules
from loyalty.programme.rules import RuleSet


@dataclass(frozen=True)
class Attempt:
    """One attempt to deliver a claimed notice: its recipient, the rules in force, and the instant of the attempt."""

    pool: asyncpg.Pool
    notice: Claimed
    recipient: Recipient
    live: LiveRules
    now: datetime

    @property
    def today(self) -> date:
        """The business day of the attempt."""
        return self.live.day(self.now)


@dataclass(frozen=True)
class Content:
    """The content of a notice: `text` in the chat; `points`, `last_day` and `tip` where a template has keys for them.

    `tip` has at most 20 characters, the limit of a template's `thing` keys.
    """

    text: str
    points: int
    tip: str
    last_day: str = "长期有效"


class NotNeeded(NamedTuple):
    """Why the notice is not sent at all."""

    reason: str


class Templates(NamedTuple):
    """The templates a rule set names for a kind: for a subscribe message, and for the official account's template message."""

    subscribe: Template | None = None
    template: Template | None = None


def no_templates(_rules: RuleSet) -> Templates:
    """The kind goes by customer-service message only."""
    return Templates()


def useful_for(span: timedelta) -> Callable[[Attempt], datetime]:
    """The `useful_until` of a kind that a member who comes back should still hear of for so long after it was written."""
    return lambda attempt: attempt.notice.created_at + span


async def no_limit(_attempt: Attempt, _channel: Channel) -> str | None:
    """The kind has no limit beyond those of the channels."""
    return None


@dataclass(frozen=True)
class NoticeKind:
    """A kind of notice.

    `code` is what `notice.kind` holds. `read` looks up what is true at the attempt, because much may have changed since the notice
    was written; it may raise LookupError, TypeError or ValueError for a payload it cannot read. `useful_until` is how long the
    notice may wait for the member's next visit. `templates` picks the kind's templates from the rule set. `limit` returns why a
    send by this channel is over the kind's own limit, or None; it is asked when the row already counts the send. An unprompted kind
    observes quiet hours, because no member has just caused its notices. `about` is what a member who allows it is told of.
    """

    code: str
    read: Callable[[Attempt], Awaitable[Content | NotNeeded]]
    useful_until: Callable[[Attempt], datetime]
    templates: Callable[[RuleSet], Templates] = no_templates
    limit: Callable[[Attempt, Channel], Awaitable[str | None]] = no_limit
    is_unprompted: bool = False
    about: str = "商家的通知"
