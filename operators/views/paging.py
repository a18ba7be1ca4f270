"""Pages of a list by the last key: the next page begins behind it, so that page 20,000 costs what the first does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Generic, Literal, TypeVar

T = TypeVar("T")
LARGEST: Final = {"bigint": 2**63 - 1, "int": 2**31 - 1}
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Instants outside of which no row of ours lies, and near which a database or a time zone may overflow."""


@dataclass(frozen=True)
class Paged(Generic[T]):
    """One page. `after` is the key with which the next page begins; None at the end."""

    rows: Sequence[T]
    after: str | None


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], str]) -> Paged[T]:
    """The first `limit` of the rows; one more row was read, to know whether there is a next page."""
    return Paged(rows[:limit], key(rows[limit - 1]) if len(rows) > limit else None)


def number_in(text: str, kind: Literal["bigint", "int"] = "bigint") -> int | None:
    """The natural number that a part of an address is; None for what is none, or is too large for a column of this type."""
    number = int(text) if text.isdecimal() and len(text) < 20 else None
    return number if number is not None and number <= LARGEST[kind] else None


def instant_in(text: str) -> datetime | None:
    """The instant with its zone that a part of an address is; None for what is none, or lies outside of all rows."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None and EARLIEST < at < LATEST else None
