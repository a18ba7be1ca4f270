"""Lists by pages: `limit` and an opaque `cursor`, which names the list and the place reached in it."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from aiohttp import web

from web.problems import CURSOR_INVALID, INVALID, Problem

DEFAULT_LIMIT: Final = 20
MOST: Final = 100
LIMIT_PATTERN: Final = r"^([1-9][0-9]?|100)$"

_LONGEST_CURSOR: Final = 300

Item = TypeVar("Item")
Told = TypeVar("Told")
Place = tuple[int, ...]


@dataclass(frozen=True)
class PageAsked:
    """At most `limit` items after the place `after` (None: from the start)."""

    limit: int
    after: Place | None


@dataclass(frozen=True)
class Page(Generic[Item]):
    """What a list answers."""

    items: list[Item]
    next_cursor: str | None

    def of(self, told: Callable[[Item], Told]) -> "Page[Told]":
        """The same page of what `told` makes of each item."""
        return Page([told(item) for item in self.items], self.next_cursor)


def page_asked(request: web.Request, name: str, widths: Sequence[int]) -> PageAsked:
    """The page that the query asks for of list `name`; its places hold one integer of each bit width.

    Raises Problem 422 for a limit outside 1 to 100, or a cursor that this list never gave out.
    """
    text = request.query.get("limit", str(DEFAULT_LIMIT))
    if not re.fullmatch(LIMIT_PATTERN, text):
        raise Problem(INVALID, f"limit 应为 1 到 {MOST} 的整数。")
    cursor = request.query.get("cursor")
    return PageAsked(int(text), None if cursor is None else read_cursor(name, cursor, widths))


def page(name: str, found: Sequence[Item], asked: PageAsked, place: Callable[[Item], Place]) -> Page[Item]:
    """The page, from one more item than was asked for, which only tells whether there is a next page."""
    items = list(found[: asked.limit])
    more = len(found) > asked.limit
    return Page(items, write_cursor(name, place(items[-1])) if more else None)


def page_within(request: web.Request, name: str, items: Sequence[Item]) -> Page[Item]:
    """The page that the query asks for of a list that is at hand whole; places count its items.

    `name` must change with the list, so that a cursor never leads into another one. Raises Problem as `page_asked` does.
    """
    asked = page_asked(request, name, (32,))
    start = asked.after[0] if asked.after else 0
    end = start + asked.limit
    return Page(list(items[start:end]), write_cursor(name, (end,)) if end < len(items) else None)


def write_cursor(name: str, place: Place) -> str:
    """The cursor that stands for a place in the list `name`."""
    return base64.urlsafe_b64encode(json.dumps([name, *place]).encode()).rstrip(b"=").decode()


def read_cursor(name: str, cursor: str, widths: Sequence[int]) -> Place:
    """The place that a cursor of the list `name` stands for. Raises Problem 422 for anything else."""
    try:
        place = _place(name, cursor)
    except (ValueError, binascii.Error, RecursionError):
        place = None
    if place is None or len(place) != len(widths):
        raise Problem(CURSOR_INVALID, "请从第一页重新开始。")
    if not all(0 <= part < 1 << (width - 1) for part, width in zip(place, widths, strict=True)):
        raise Problem(CURSOR_INVALID, "请从第一页重新开始。")
    return place


def _place(name: str, cursor: str) -> Place | None:
    if len(cursor) > _LONGEST_CURSOR or not cursor.isascii():
        return None
    padded = cursor + "=" * (-len(cursor) % 4)
    value = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    if not isinstance(value, list) or not value or value[0] != name:
        return None
    place = value[1:]
    return tuple(place) if all(type(part) is int for part in place) else None
