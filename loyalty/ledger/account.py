"""The account row: what one member's points add up to."""

from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Final


@dataclass(slots=True)
class Account:
    """Sums of both sides of every bucket in points, the row's version, and the head of the hash chain."""

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


_NAMES: Final = tuple(column.name for column in fields(Account))
ACCOUNT_COLUMNS: Final = ", ".join(_NAMES)
"""An account's columns, as a statement names them."""
account_values = attrgetter(*_NAMES)
"""An account's values in the order of ACCOUNT_COLUMNS."""

STORED_AS_OUTFLOW: Final = frozenset({"issued", "adjusted", "debt"})
"""Buckets whose column counts what left them: issuing raises `issued`, owing raises `debt`."""
