"""Commands that report what members did at shops: an event, such as a purchase, and a refund of an order."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.engine.command import Command


def event_request_key(source: str, event: str) -> str:
    """The request key of an event: its source and the id that the source gave it. An id that comes again is the same request."""
    return f"event:{source}|{event}"


@dataclass(frozen=True, kw_only=True)
class RecordEvent(Command):
    """Record an event of `kind` and award what the rules pay for it.

    `source` is who reports, and `event` the id that they gave it. `amount_fen` is what was paid for `order`, whose number is unique
    within its `store`. `attributes` is a JSON object as text.
    """

    name = "record_event"

    source: str
    event: str
    kind: str
    amount_fen: int | None = None
    order: str | None = None
    store: str | None = None
    channel: str | None = None
    attributes: str = "{}"

    @property
    def is_purchase(self) -> bool:
        """Whether the event is an order that was paid for, which can be refunded."""
        return self.order is not None and self.amount_fen is not None

    @override
    def fact(self, day: date) -> tuple[str, str]:
        if self.is_purchase:
            return "order", f"{self.store or ''}:{self.order}"
        return "event", f"{self.source}|{self.event}"


@dataclass(frozen=True, kw_only=True)
class RecordRefund(Command):
    """Record that `amount_fen` of an order were paid back.

    `refund_of` is the order's number, or the id of the event that brought it.
    A refund that arrives before its order waits for it.
    """

    name = "record_refund"

    source: str
    event: str
    refund_of: str
    amount_fen: int
    store: str | None = None

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "refund", f"{self.source}|{self.event}"
