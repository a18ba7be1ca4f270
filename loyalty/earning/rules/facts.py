"""The facts about an event and its member that conditions look at. They are collected by the engine's reads."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, NamedTuple, TypeAlias

COMMUNITY: Final = "community"
"""The attribute in which an event carries the id of a community."""
CONSENTS: Final = ("notices", "phone")
"""What members can have agreed to: notices, and that their phone number is known."""
Attribute: TypeAlias = int | str | bool


class Facts(NamedTuple):
    """One event, and its member as they were at the event's time.

    `at` is aware and in the programme's zone, because times of day and windows are compared on its clock; `day` is its business
    day. `order_number` tells that the order is the member's n-th ever, from 1; 0 where the event is no order. `rewarded` is the
    highest of these numbers that a rule has rewarded; a later order can have it again once an earlier one is refunded.
    `order_days` are the days of the member's earlier orders, as far back as a rule for this kind of event looks. `months_in_a_row`
    counts the calendar months in a row with an order, the present one included. `first_of_kind`: the member has no earlier event
    of this kind.
    """

    kind: str
    at: datetime
    day: date
    amount_fen: int | None = None
    order: str | None = None
    store: str | None = None
    region: str | None = None
    channel: str | None = None
    attributes: Mapping[str, Attribute] = {}
    tier: str = ""
    joined_on: date = date.max
    birthday: tuple[int, int] | None = None
    order_number: int = 0
    rewarded: int = 0
    order_days: tuple[date, ...] = ()
    months_in_a_row: int = 0
    first_of_kind: bool = False
    segments: frozenset[str] = frozenset()
    community: str | None = None
    consents: frozenset[str] = frozenset()
