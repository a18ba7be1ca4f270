"""Identities: the openids and the unionid that point to a member, and what happens when two members are found to be one person."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias

import asyncpg

from loyalty.engine.engine import Engine

IdentityKey: TypeAlias = tuple[str, str]
"""(provider, subject), provider an app id or `unionid`."""

UNIONID = "unionid"

WAS_SPLIT = """
SELECT EXISTS (SELECT FROM merged_half WHERE member_id = $1 AND other_id = $2 AND split_no IS NOT NULL)
"""


async def find_members(
    database: asyncpg.Connection | asyncpg.Pool, identities: Sequence[IdentityKey]
) -> dict[IdentityKey, int]:
    """The members that these identities point to; an unknown identity is missing."""
    rows = await database.fetch(
        "SELECT i.provider, i.subject, i.member_id FROM unnest($1::text[], $2::text[]) AS a(provider, subject)"
        " JOIN identity i ON i.provider = a.provider AND i.subject = a.subject",
        [provider for provider, _ in identities],
        [subject for _, subject in identities],
    )
    return {(row["provider"], row["subject"]): row["member_id"] for row in rows}


async def link(
    connection: asyncpg.Connection, member_id: int, identities: tuple[IdentityKey, ...], at: datetime
) -> None:
    """Point identities to a member. Raises UniqueViolationError for one that already points to a member."""
    for provider, subject in dict.fromkeys(identities):
        await connection.execute(
            "INSERT INTO identity (provider, subject, member_id, linked_at) VALUES ($1, $2, $3, $4)",
            provider, subject, member_id, at,
        )  # fmt: skip


async def link_unionid(engine: Engine, member_id: int, unionid: str, now: datetime) -> int | None:
    """Connect a member with a unionid that was learnt later; returns another member whom it points to already, else None.

    The two are marked as one person who has to be merged, unless an operator has split them before.
    """
    while True:
        try:
            return await engine.transact(
                lambda connection: _link_unionid(connection, member_id, unionid, now)
            )
        except asyncpg.UniqueViolationError:
            continue  # another process has just linked the unionid: look up again to whom it points


async def _link_unionid(
    connection: asyncpg.Connection, member_id: int, unionid: str, now: datetime
) -> int | None:
    owner: int | None = await connection.fetchval(
        "SELECT member_id FROM identity WHERE provider = $1 AND subject = $2", UNIONID, unionid
    )
    if owner is None:
        await link(connection, member_id, ((UNIONID, unionid),), now)
        return None
    return owner if owner != member_id and await mark(connection, member_id, owner) else None


async def mark(connection: asyncpg.Connection, one: int, other: int) -> bool:
    """Mark two members as one person who has to be merged; false if an operator has split them before."""
    first, later = sorted([one, other])
    if await connection.fetchval(WAS_SPLIT, first, later):
        return False
    for member_id, with_id in ((first, later), (later, first)):
        await connection.execute("UPDATE member SET merge_with = $2 WHERE member_id = $1", member_id, with_id)
    return True
