"""Finding members by the last four digits of their phone number.

Whoever looks unseals what lies in the drawer of that tail, and keeps the numbers that end in it.
"""

import re
from collections.abc import AsyncIterator
from typing import Final, NamedTuple

import asyncpg

from base.sealing import Keyring, Sealed, SealingError
from loyalty.members.drawers import drawers_of
from loyalty.members.merged import survivors
from loyalty.members.phones import sealed_for

PAGE: Final = 500
_TAIL: Final = re.compile(r"[0-9]{4}")

IN_DRAWER: Final = """
SELECT member_id, sealed, key_id FROM phone WHERE tail = $1 AND member_id > $2 ORDER BY member_id LIMIT $3
"""
UNFILED: Final = """
SELECT member_id, sealed, key_id FROM phone WHERE tail IS NULL AND member_id > $1 ORDER BY member_id LIMIT $2
"""
FILE: Final = """
UPDATE phone p SET tail = u.tail FROM unnest($1::bigint[], $2::bytea[], $3::int[]) AS u(member_id, sealed, tail)
WHERE p.member_id = u.member_id AND p.sealed = u.sealed
"""
"""A member who has bound another number meanwhile keeps the drawer of that one."""


class Owner(NamedTuple):
    """The holder of a number: the member it was bound to, and the member that this one is now, after merges."""

    bound_to: int
    member_id: int
    number: str


def is_tail(text: str) -> bool:
    """Whether the text is four digits."""
    return _TAIL.fullmatch(text) is not None


async def owners_of_tail(
    pool: asyncpg.Pool, keyring: Keyring, tail: str, *, after: int = 0, limit: int
) -> list[Owner]:
    """At most `limit` owners of numbers that end in `tail`, by the member each was bound to, above `after`. Raises KeyMissing."""
    found: dict[int, str] = {}
    for drawer in dict.fromkeys(drawers_of(keyring, tail)):
        kept = 0
        async for member_id, number in _in_drawer(pool, keyring, drawer, after):
            if number.endswith(tail):
                found[member_id] = number
                kept += 1
            if kept == limit:
                break
    first = sorted(found)[:limit]
    now = await survivors(pool, first)
    return [Owner(one, now[one], found[one]) for one in first if one in now]


async def _in_drawer(
    pool: asyncpg.Pool, keyring: Keyring, drawer: int, after: int
) -> AsyncIterator[tuple[int, str]]:
    """The numbers in a drawer that can be read."""
    while True:
        rows = await pool.fetch(IN_DRAWER, drawer, after, PAGE)
        for row in rows:
            number = _number(keyring, row)
            if number is not None:
                yield row["member_id"], number
        if len(rows) < PAGE:
            return
        after = rows[-1]["member_id"]


async def file_tails(connection: asyncpg.Connection, keyring: Keyring, after: int, limit: int) -> int | None:
    """Put numbers of members above `after`, which were stored before there were drawers, into theirs; the last member looked at.

    None if no more are left. A number that cannot be read stays outside. Raises KeyMissing without any key.
    """
    rows = await connection.fetch(UNFILED, after, limit)
    numbers = [(row, number) for row in rows if (number := _number(keyring, row)) is not None]
    await connection.execute(
        FILE, [row["member_id"] for row, _ in numbers], [row["sealed"] for row, _ in numbers],
        [drawers_of(keyring, number)[0] for _, number in numbers],
    )  # fmt: skip
    return rows[-1]["member_id"] if len(rows) == limit else None


def _number(keyring: Keyring, row: asyncpg.Record) -> str | None:
    try:
        return keyring.unseal(Sealed(row["key_id"], row["sealed"]), sealed_for(row["member_id"])).decode()
    except SealingError:
        return None
