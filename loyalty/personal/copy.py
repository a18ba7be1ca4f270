"""Writing a member's copy: one JSON document with Chinese titles, read and written page by page, whatever its length."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from base.sealing import Keyring
from loyalty.engine.kept import Kept
from loyalty.ledger.calendar import NEVER
from loyalty.members.merged import halves_of
from loyalty.members.phones import masked_phone_of
from loyalty.personal.sections import SECTIONS

PAGE: Final = 500


class Asked(NamedTuple):
    """A request for a copy: the member, where the data are read, the programme's zone, and the instant of the request."""

    pool: asyncpg.Pool
    keyring: Keyring
    zone: ZoneInfo
    member_id: int
    at: datetime


async def write_copy(asked: Asked) -> AsyncIterator[bytes]:
    """The document in pieces. Raises what the database raises.

    No statement sees more than a page, and no connection is held between two pages. Points that move meanwhile are in it or not.
    """
    phone = await masked_phone_of(asked.pool, asked.keyring, asked.member_id)
    persons = await halves_of(asked.pool, asked.member_id)
    head = {"made_at": asked.at, "member_id": asked.member_id, "phone": phone}
    yield orjson.dumps(head)[:-1] + b',"sections":['
    for place, kept in enumerate(SECTIONS):
        said = {"title": kept.title, "why": kept.why}
        yield (b"," if place else b"") + orjson.dumps(said)[:-1] + b',"rows":['
        comma = b""
        async for page in _pages(asked.pool, kept, persons):
            yield comma + b",".join(orjson.dumps(told(kept, row, asked.zone)) for row in page)
            comma = b","
        yield b"]}"
    yield b"]}"


async def _pages(
    pool: asyncpg.Pool, kept: Kept, persons: Sequence[int]
) -> AsyncIterator[list[asyncpg.Record]]:
    key = ("member_id", *kept.key)
    first, next_ = statements(kept)
    rows = await pool.fetch(first, persons)
    while rows:
        yield rows
        if len(rows) < PAGE:
            return
        rows = await pool.fetch(next_, persons, *(rows[-1][column] for column in key))


def statements(kept: Kept) -> tuple[str, str]:
    """The statement for the first page of these persons' rows, and the statement for the page after a row's key."""
    key = ("member_id", *kept.key)
    columns = ", ".join(dict.fromkeys((*key, *kept.columns, *kept.needs)))
    select = f"SELECT {columns} FROM {kept.table} WHERE member_id = ANY($1::bigint[])"  # noqa: S608  # our own names
    places = ", ".join(f"${number}" for number in range(2, len(key) + 2))
    order = f"ORDER BY {', '.join(key)} LIMIT {PAGE}"
    return f"{select} {order}", f"{select} AND ({', '.join(key)}) > ({places}) {order}"


def told(kept: Kept, row: Mapping[str, Any], zone: ZoneInfo) -> dict[str, object]:
    """A row as its member reads it."""
    values = {title: _told(kept, column, row[column], zone) for column, title in kept.columns.items()}
    return values | dict(kept.words(row))


def _told(kept: Kept, column: str, value: Any, zone: ZoneInfo) -> object:
    shown = kept.shown.get(column)
    if shown is not None and value is not None:
        value = shown(value)
    match value:
        case bool():
            return "是" if value else "否"
        case datetime():
            return f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S}"
        case date():
            return "长期有效" if value == NEVER else value.isoformat()
    return value
