"""Keyset paging: `limit`, and an opaque `cursor` that names the list and the position of the last item in it."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from aiohttp import web

from base.sealing import Keyring, Sealed, SealingError
from web.operations import Parameter
from web.problems import CURSOR_INVALID, INVALID, Problem

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 100
LIMIT_PATTERN: Final = r"^([1-9][0-9]?|100)$"

PAGE_QUERY: Final = (
    Parameter("cursor", "上一页回答里的 next_cursor"),
    Parameter("limit", f"每页条数，1 到 {MAX_LIMIT}，默认 {DEFAULT_LIMIT}", pattern=LIMIT_PATTERN),
)
PAGE_PROBLEMS: Final = (CURSOR_INVALID, INVALID)
"""What every paged operation adds to its OpenAPI description."""

_MAX_CURSOR_CHARS: Final = 300

Item = TypeVar("Item")
Json = TypeVar("Json")
Position = tuple[int, ...]


@dataclass(frozen=True)
class PageRequest:
    """A request for at most `limit` items after the position `after` (None: from the start)."""

    limit: int
    after: Position | None


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list; `next_cursor` is null on the last page."""

    items: list[Item]
    next_cursor: str | None

    def of(self, as_json: Callable[[Item], Json]) -> "Page[Json]":
        """The same page with each item as `as_json` returns it."""
        return Page([as_json(item) for item in self.items], self.next_cursor)


def read_page_request(
    request: web.Request, name: str, widths: Sequence[int], keyring: Keyring | None = None
) -> PageRequest:
    """The page of the list `name` that the query asks for; a position of this list is one integer of each bit width.

    With a `keyring` the list's cursors are sealed, because a position in it tells what is not the reader's. Raises Problem 422 for
    a limit outside 1 to 100, or a cursor of another list.
    """
    cursor = request.query.get("cursor")
    return PageRequest(
        read_limit(request), None if cursor is None else read_cursor(name, cursor, widths, keyring)
    )


def read_limit(request: web.Request) -> int:
    """The number of items that the query asks for. Raises Problem 422 for one outside 1 to 100."""
    text = request.query.get("limit", str(DEFAULT_LIMIT))
    if not re.fullmatch(LIMIT_PATTERN, text):
        raise Problem(INVALID, f"limit 应为 1 到 {MAX_LIMIT} 的整数。")
    return int(text)


def page(
    name: str,
    found: Sequence[Item],
    asked: PageRequest,
    position: Callable[[Item], Position],
    keyring: Keyring | None = None,
) -> Page[Item]:
    """The page made of `found`: one item more than `asked.limit` was queried, to know whether there is a next page.

    With a `keyring` its cursor is sealed. Raises KeyMissing.
    """
    items = list(found[: asked.limit])
    more = len(found) > asked.limit
    return Page(items, write_cursor(name, position(items[-1]), keyring) if more else None)


def page_of_list(request: web.Request, name: str, items: Sequence[Item]) -> Page[Item]:
    """The page that the query asks for of a list in memory; a position is the number of items before it.

    `name` must change with the list, so that a cursor of an older list is refused. Raises Problem as `read_page_request` does.
    """
    asked = read_page_request(request, name, (32,))
    start = asked.after[0] if asked.after else 0
    end = start + asked.limit
    return Page(list(items[start:end]), write_cursor(name, (end,)) if end < len(items) else None)


def write_cursor(name: str, position: Position, keyring: Keyring | None = None) -> str:
    """The cursor for a position in the list `name`, sealed with a `keyring`. Raises KeyMissing."""
    if keyring is None:
        return _text(json.dumps([name, *position]).encode())
    sealed = keyring.seal(json.dumps([name, *position]).encode(), f"cursor:{name}")
    return f"{sealed.key_id}.{_text(sealed.sealed)}"


def read_cursor(name: str, cursor: str, widths: Sequence[int], keyring: Keyring | None = None) -> Position:
    """The position that a cursor of the list `name` encodes. Raises Problem 422 for anything else."""
    try:
        position = _position(name, cursor, keyring)
    except (ValueError, binascii.Error, RecursionError, SealingError):
        position = None
    if position is None or len(position) != len(widths):
        raise Problem(CURSOR_INVALID, "请从第一页重新开始。")
    if not all(0 <= part < 1 << (width - 1) for part, width in zip(position, widths, strict=True)):
        raise Problem(CURSOR_INVALID, "请从第一页重新开始。")
    return position


def _position(name: str, cursor: str, keyring: Keyring | None) -> Position | None:
    if len(cursor) > _MAX_CURSOR_CHARS or not cursor.isascii():
        return None
    if keyring is None:
        value = json.loads(_bytes(cursor))
    else:
        key_id, _, sealed = cursor.partition(".")
        value = json.loads(keyring.unseal(Sealed(key_id, _bytes(sealed)), f"cursor:{name}"))
    if not isinstance(value, list) or not value or value[0] != name:
        return None
    position = value[1:]
    return tuple(position) if all(type(part) is int for part in position) else None


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
