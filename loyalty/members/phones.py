"""Phone numbers: stored sealed, found by a keyed hash, and each of them bound to one member.

The number comes from WeChat, which has verified it, or from an operator's file (`moving/`). Members who were merged keep the
numbers of both; a number of the one who was merged leads to the one who is left (`loyalty/members/finding.py`), and goes back with
them when the merge is undone.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import asyncpg

from base.sealing import Keyring, Sealed, SealingError
from loyalty.engine.engine import Engine
from loyalty.members.drawers import drawers_of
from loyalty.members.merged import survivors

PURPOSE: Final = "phone"
MAINLAND: Final = "+86"

OWNERS = "SELECT phone_hash, member_id FROM phone_key WHERE phone_hash = ANY($1::bytea[])"
OWN = "SELECT member_id, phone_hash, sealed, key_id FROM phone WHERE member_id = $1"
HAVE_ONE = "SELECT member_id FROM phone WHERE member_id = ANY($1::bigint[])"
OWN_OF_MANY = "SELECT member_id, phone_hash, sealed, key_id FROM phone WHERE member_id = ANY($1::bigint[])"
FORGET = "DELETE FROM phone_key WHERE phone_hash = $1"
POINT = "INSERT INTO phone_key (phone_hash, member_id) VALUES ($1, $2)"
KEEP = """
INSERT INTO phone (member_id, phone_hash, sealed, key_id, bound_at, tail) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (member_id) DO UPDATE SET phone_hash = excluded.phone_hash, sealed = excluded.sealed,
    key_id = excluded.key_id, bound_at = excluded.bound_at, tail = excluded.tail
WHERE phone.phone_hash = $7
RETURNING member_id
"""
"""Replaces only the number that was read before: no row comes back when another transaction has bound one meanwhile."""
UNDER_ANOTHER_KEY = (
    "SELECT member_id, phone_hash, sealed, key_id, bound_at FROM phone WHERE key_id <> $1 LIMIT $2"
)

_INTERNATIONAL: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_OF_MAINLAND: Final = re.compile(r"1[3-9][0-9]{9}")


class PhoneTaken(Exception):
    """The number is bound to another member."""


class Meanwhile(Exception):
    """Another transaction has changed the member's number: try again."""


def canonical_phone(text: str) -> str | None:
    """The number as +, country code and digits (E.164); None for no number.

    Eleven digits alone are a mobile number of the mainland.
    """
    if _OF_MAINLAND.fullmatch(text):
        return MAINLAND + text
    return text if _INTERNATIONAL.fullmatch(text) else None


def masked_phone(number: str) -> str:
    """A canonical number, of which the first three and the last four characters stay; without the mainland's country code."""
    local = number.removeprefix(MAINLAND)
    return f"{local[:3]}****{local[-4:]}"


async def bind_phone(engine: Engine, member_id: int, number: str, now: datetime) -> None:
    """Bind a canonical number to a member, in place of the one they had. Safe to repeat.

    Raises PhoneTaken if another member has it, KeyMissing, EngineUnavailable.
    """
    keyring = engine.context.keyring
    while True:
        try:
            await engine.transact(lambda connection: _bind(connection, keyring, member_id, number, now))
        except (asyncpg.UniqueViolationError, Meanwhile):
            continue  # another process has just bound the number, or another number to the member: look again
        return


async def _bind(
    connection: asyncpg.Connection, keyring: Keyring, member_id: int, number: str, now: datetime
) -> None:
    hashes = keyring.hashes(number.encode(), PURPOSE)
    owners = [row["member_id"] for row in await connection.fetch(OWNERS, hashes)]
    if owners:
        found = await survivors(connection, owners)
        if set(found.values()) != {member_id}:
            raise PhoneTaken
        return
    own = await connection.fetchrow(OWN, member_id)
    await _keep(connection, keyring, member_id, number, now, in_place_of=own and own["phone_hash"])


async def _keep(
    connection: asyncpg.Connection,
    keyring: Keyring,
    member_id: int,
    number: str,
    at: datetime,
    *,
    in_place_of: bytes | None,
) -> None:
    phone_hash = keyring.hashes(number.encode(), PURPOSE)[0]
    sealed = keyring.seal(number.encode(), sealed_for(member_id))
    await connection.execute(FORGET, in_place_of)
    await connection.execute(POINT, phone_hash, member_id)
    tail = drawers_of(keyring, number)[0]
    values = (member_id, phone_hash, sealed.sealed, sealed.key_id, at, tail, in_place_of)
    if await connection.fetchval(KEEP, *values) is None:
        raise Meanwhile


async def bind_phones(
    connection: asyncpg.Connection, keyring: Keyring, numbers: Mapping[int, str], at: datetime
) -> None:
    """Bind canonical numbers, all of which are free, to those of the members who have none.

    Raises UniqueViolationError for a number that somebody has, and KeyMissing.
    """
    if not numbers:
        return
    have = {row["member_id"] for row in await connection.fetch(HAVE_ONE, list(numbers))}
    rows = []
    for member_id, number in numbers.items():
        if member_id not in have:
            sealed = keyring.seal(number.encode(), sealed_for(member_id))
            phone_hash = keyring.hashes(number.encode(), PURPOSE)[0]
            tail = drawers_of(keyring, number)[0]
            rows.append((member_id, phone_hash, sealed.sealed, sealed.key_id, at, tail))
    await connection.copy_records_to_table(
        "phone_key", records=[(row[1], row[0]) for row in rows], columns=("phone_hash", "member_id")
    )
    await connection.copy_records_to_table(
        "phone", records=rows, columns=("member_id", "phone_hash", "sealed", "key_id", "bound_at", "tail")
    )


async def phone_of(pool: asyncpg.Pool, keyring: Keyring, member_id: int) -> str | None:
    """The member's canonical number; None if they have bound none. Raises SealingError."""
    row = await pool.fetchrow(OWN, member_id)
    return None if row is None else _unsealed(keyring, row)


async def masked_phone_of(pool: asyncpg.Pool, keyring: Keyring, member_id: int) -> str | None:
    """The member's masked number; None also for one under a lost key."""
    try:
        number = await phone_of(pool, keyring, member_id)
    except SealingError:
        return None
    return None if number is None else masked_phone(number)


async def phones_of(
    database: asyncpg.Connection | asyncpg.Pool, keyring: Keyring, members: Sequence[int]
) -> dict[int, str]:
    """The canonical numbers of those of the members who have bound one. Raises SealingError."""
    rows = await database.fetch(OWN_OF_MANY, members)
    return {row["member_id"]: _unsealed(keyring, row) for row in rows}


async def members_of_phones(
    database: asyncpg.Connection | asyncpg.Pool, keyring: Keyring, numbers: Iterable[str]
) -> dict[str, int]:
    """The members to whom these canonical numbers were bound; an unknown number is missing. Raises KeyMissing."""
    hashes = {one: number for number in numbers for one in keyring.hashes(number.encode(), PURPOSE)}
    rows = await database.fetch(OWNERS, list(hashes)) if hashes else []
    return {hashes[row["phone_hash"]]: row["member_id"] for row in rows}


async def seal_phones_again(connection: asyncpg.Connection, keyring: Keyring, limit: int) -> int:
    """Seal and hash up to `limit` numbers that are under another key with the present one; how many.

    Raises SealingError, and Meanwhile when a member has changed their number in this moment.
    """
    rows = await connection.fetch(UNDER_ANOTHER_KEY, keyring.present_id, limit)
    for row in rows:
        number, member_id = _unsealed(keyring, row), row["member_id"]
        await _keep(connection, keyring, member_id, number, row["bound_at"], in_place_of=row["phone_hash"])
    return len(rows)


def _unsealed(keyring: Keyring, row: asyncpg.Record) -> str:
    return keyring.unseal(Sealed(row["key_id"], row["sealed"]), sealed_for(row["member_id"])).decode()


def sealed_for(member_id: int) -> str:
    """The name for which a member's number is sealed."""
    return f"phone:{member_id}"
