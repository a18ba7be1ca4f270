"""Pages of a list by the last key: the next page begins behind it, so that page 20,000 costs what the first does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Paged(Generic[T]):
    """One page. `after` is the key with which the next page begins; None at the end."""

    rows: Sequence[T]
    after: str | None


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], str]) -> Paged[T]:
    """The first `limit` of the rows; one more row was read, to know whether there is a next page."""
    return Paged(rows[:limit], key(rows[limit - 1]) if len(rows) > limit else None)
