"""The account row: the sums of one member's points."""

from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Final


@dataclass(slots=True)
class Account:
    """The sum of each bucket in points, the row's version, and the head of the hash chain.

    Points move between buckets. What a member holds is in `available`, `pending` and `held`, and what they owe in `debt`; all other
    buckets sum up where points came from and where they went. `growth` sums up all points ever issued. `merged_into` is the member
    into whom this one was merged (status `merged`), and `halves` the number of members merged into this one.
    """

    member_id: int
    version: int
    seq: int
    chain: bytes
    status: str
    available: int
    pending: int
    held: int
    debt: int
    issued: int
    spent: int
    expired: int
    reversed: int
    adjusted: int
    forfeited: int
    growth: int
    posted_at: datetime
    merged_into: int | None = None
    halves: int = 0


_NAMES: Final = tuple(column.name for column in fields(Account))
ACCOUNT_COLUMNS: Final = ", ".join(_NAMES)
"""An account's columns, as a statement names them."""
account_values = attrgetter(*_NAMES)
"""An account's values in the order of ACCOUNT_COLUMNS."""

STORED_AS_OUTFLOW: Final = frozenset({"issued", "adjusted", "debt"})
"""Buckets whose column counts the points that left them: a movement from `issued` or `debt` raises that column."""
