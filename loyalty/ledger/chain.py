"""The hash chain over a member's entries: it shows that an entry was edited or removed.

Each member has a chain of their own, so that commands of different members do not wait for each other.
"""

import hashlib
from datetime import date, datetime
from typing import Any, NamedTuple

import orjson


class EntryFacts(NamedTuple):
    """One movement as the chain covers it. Amounts are points; `available` … `debt` are the buckets after it."""

    member_id: int
    seq: int
    receipt_no: int
    scope: str
    ref: str
    rule_version: int
    reason: str
    detail: dict[str, Any]
    src: str
    dst: str
    amount: int
    available: int
    pending: int
    held: int
    debt: int
    expires_on: date | None
    posted_at: datetime


def genesis(member_id: int) -> bytes:
    """The chain's value before a member's first entry."""
    return hashlib.sha256(f"jifen:{member_id}".encode()).digest()


def link(previous: bytes, entry: EntryFacts) -> bytes:
    """SHA-256(previous ‖ canonical entry): a JSON array without blanks, keys sorted, days as ordinals, instants in microseconds
    since the epoch.
    """
    day = entry.expires_on.toordinal() if entry.expires_on else None
    canonical = (*entry[:-2], day, _microseconds(entry.posted_at))
    return hashlib.sha256(previous + orjson.dumps(canonical, option=orjson.OPT_SORT_KEYS)).digest()


def _microseconds(instant: datetime) -> int:
    return int(instant.timestamp()) * 1_000_000 + instant.microsecond
