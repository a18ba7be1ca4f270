"""Identities: the openids and the unionid that point to a member, and what happens when two members are found to be one person."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias

import asyncpg

from loyalty.engine.engine import Engine
from loyalty.engine.follow_ups import newcomers_key

IdentityKey: TypeAlias = tuple[str, str]
"""(provider, subject), provider an app id or `unionid`."""

UNIONID = "unionid"

RE_POINT: Final = (
    "UPDATE identity SET member_id = $2 WHERE member_id = $1",
    "UPDATE referral_code SET member_id = $2 WHERE member_id = $1",
    "UPDATE session SET member_id = $2 WHERE member_id = $1",
)
"""What leads to a member leads to another."""


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


async def learn_unionid(engine: Engine, member_id: int, unionid: str, now: datetime) -> int:
    """Connect a member with a unionid that was learnt later; returns the member to continue with.

    If the unionid points to another member and this one has no receipts, this one's identities are pointed to the other. If it has
    receipts, both members stay and are marked for a merge.
    """
    keys = [newcomers_key(command.name) for command in engine.context.registry.for_newcomers]
    while True:
        try:
            return await engine.transact(
                lambda connection: _learn_unionid(connection, member_id, unionid, now, keys)
            )
        except asyncpg.UniqueViolationError:
            continue  # another process has just linked the unionid: look up again to whom it points


async def _learn_unionid(
    connection: asyncpg.Connection, member_id: int, unionid: str, now: datetime, keys: Sequence[str]
) -> int:
    owner: int | None = await connection.fetchval(
        "SELECT member_id FROM identity WHERE provider = $1 AND subject = $2", UNIONID, unionid
    )
    if owner is None:
        await link(connection, member_id, ((UNIONID, unionid),), now)
        return member_id
    if owner == member_id:
        return member_id
    # If the engine is deciding a command for the empty account now, its UPDATE finds no row and it decides the command again.
    emptied = await connection.execute("DELETE FROM account WHERE member_id = $1 AND version = 0", member_id)
    if emptied != "DELETE 1":
        for one, other in sorted([(member_id, owner), (owner, member_id)]):
            await connection.execute("UPDATE member SET merge_with = $2 WHERE member_id = $1", one, other)
        return member_id
    await _re_point(connection, member_id, owner, keys)
    return owner


async def _re_point(connection: asyncpg.Connection, member_id: int, owner: int, keys: Sequence[str]) -> None:
    """Point to `owner` whatever points to a member who has no receipts and whose account was just deleted.

    Follow-ups that every newcomer gets are deleted, because `owner` has had them. Rewards for friends stay: when they run, the
    engine finds `owner` by `merge_with`.
    """
    await connection.execute("UPDATE member SET merge_with = $2 WHERE member_id = $1", member_id, owner)
    for statement in RE_POINT:
        await connection.execute(statement, member_id, owner)
    await connection.execute(
        "INSERT INTO contact (member_id, following, changed_at)"
        " SELECT $2, following, changed_at FROM contact WHERE member_id = $1 ON CONFLICT (member_id) DO UPDATE"
        " SET following = excluded.following, changed_at = excluded.changed_at",
        member_id, owner,
    )  # fmt: skip
    await connection.execute("DELETE FROM contact WHERE member_id = $1", member_id)
    await connection.execute(
        "DELETE FROM follow_up WHERE member_id = $1 AND request_key = ANY($2::text[])", member_id, keys
    )
