"""Members: how they come to be, the identities that point to them, the little that is known of a person."""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, TypeAlias, TypeVar

import asyncpg

from loyalty import chain
from loyalty.follow_ups import LEASE
from loyalty.graphemes import first_grapheme
from models.member import Member, ReferralCode

T = TypeVar("T")
IdentityKey: TypeAlias = tuple[str, str]
"""(provider, subject), provider an app id or `unionid`."""

UNIONID = "unionid"
SCENE_PREFIX = "inv_"
_CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE_LENGTH = 8


@dataclass(frozen=True)
class Newcomer:
    """Someone met for the first time."""

    identities: tuple[IdentityKey, ...]
    at: datetime


@dataclass(frozen=True)
class Enrolled:
    """The member a newcomer became or turned out to be; `welcome_points` is the gift if just created."""

    member_id: int
    created: bool
    welcome_points: int = 0


@dataclass(frozen=True)
class Inviter:
    """Whom a referral code belongs to."""

    member_id: int
    nickname: str | None


class Transacting(Protocol):
    """What runs work in a transaction: the engine."""

    async def transact(self, work: Callable[[asyncpg.Connection], Awaitable[T]]) -> T:
        """Run `work` in one transaction, tried again after transient errors."""
        ...


class IdentityTaken(Exception):
    """Another process enrolled the same person a moment ago; look again."""


AWAITS_GIFT = """
SELECT EXISTS (SELECT FROM follow_up WHERE member_id = $1 AND request_key = 'engine:welcome' AND done_at IS NULL)
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


async def enroll(
    connection: asyncpg.Connection, newcomer: Newcomer, day: date, *, again: bool = False
) -> Enrolled:
    """Find the person by any identity and learn the others, or create member, account and identities at once.

    `again`: an earlier try may have been committed without an answer; then one who still awaits the gift is the one it created.
    Runs inside the engine's transaction. Raises IdentityTaken when another process was faster.
    """
    known = await find_members(connection, newcomer.identities)
    try:
        if known:
            unknown = tuple(pair for pair in newcomer.identities if pair not in known)
            member_id = next(known[pair] for pair in newcomer.identities if pair in known)
            await _link(connection, member_id, unknown, newcomer.at)
            return Enrolled(member_id, created=again and await connection.fetchval(AWAITS_GIFT, member_id))
        return Enrolled(await _create(connection, newcomer, day), created=True)
    except asyncpg.UniqueViolationError as taken:
        raise IdentityTaken from taken


async def _create(connection: asyncpg.Connection, newcomer: Newcomer, day: date) -> int:
    code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    member_id: int = await connection.fetchval(
        "INSERT INTO member (referral_code, joined_at, last_seen_floor) VALUES ($1, $2, $3) RETURNING member_id",
        code, newcomer.at, day,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO account (member_id, chain, posted_at, last_seen_on) VALUES ($1, $2, $3, $4)",
        member_id, chain.genesis(member_id), newcomer.at, day,
    )  # fmt: skip
    await connection.execute("INSERT INTO referral_code (code, member_id) VALUES ($1, $2)", code, member_id)
    await _link(connection, member_id, newcomer.identities, newcomer.at)
    await connection.execute(
        "INSERT INTO follow_up (member_id, request_key, command, payload, effective_at, due_at)"
        " VALUES ($1, 'engine:welcome', 'welcome', '{}', $2, $3)",
        member_id, newcomer.at, newcomer.at + LEASE,
    )  # fmt: skip
    return member_id


async def _link(
    connection: asyncpg.Connection, member_id: int, identities: tuple[IdentityKey, ...], at: datetime
) -> None:
    for provider, subject in dict.fromkeys(identities):
        await connection.execute(
            "INSERT INTO identity (provider, subject, member_id, linked_at) VALUES ($1, $2, $3, $4)",
            provider, subject, member_id, at,
        )  # fmt: skip


async def learn_unionid(engine: Transacting, member_id: int, unionid: str, now: datetime) -> int:
    """Connect a member with a unionid learnt later; the member to go on with.

    An identity whose member has no receipts is re-pointed to the unionid's member; otherwise both stay and are marked for a merge.
    """
    while True:
        try:
            return await engine.transact(
                lambda connection: _learn_unionid(connection, member_id, unionid, now)
            )
        except asyncpg.UniqueViolationError:
            continue  # another process linked the unionid a moment ago: look again, at whose it is


async def _learn_unionid(connection: asyncpg.Connection, member_id: int, unionid: str, now: datetime) -> int:
    owner: int | None = await connection.fetchval(
        "SELECT member_id FROM identity WHERE provider = $1 AND subject = $2", UNIONID, unionid
    )
    if owner is None:
        await _link(connection, member_id, ((UNIONID, unionid),), now)
        return member_id
    if owner == member_id:
        return member_id
    # A command that is just being decided for the empty account finds it gone at its UPDATE, and is decided again.
    emptied = await connection.execute("DELETE FROM account WHERE member_id = $1 AND version = 0", member_id)
    if emptied != "DELETE 1":
        for one, other in sorted([(member_id, owner), (owner, member_id)]):
            await connection.execute("UPDATE member SET merge_with = $2 WHERE member_id = $1", one, other)
        return member_id
    await _re_point(connection, member_id, owner)
    return owner


async def _re_point(connection: asyncpg.Connection, member_id: int, owner: int) -> None:
    """Lead to `owner` whatever leads to a member who has done nothing yet, and has no account any more.

    What is owed to the member for friends stays; `owner` is found by `merge_with` when it is paid.
    """
    await connection.execute("UPDATE member SET merge_with = $2 WHERE member_id = $1", member_id, owner)
    for table in ("identity", "referral_code", "session"):
        statement = f"UPDATE {table} SET member_id = $2 WHERE member_id = $1"  # noqa: S608  # our own names
        await connection.execute(statement, member_id, owner)
    await connection.execute(
        "INSERT INTO contact (member_id, following, changed_at)"
        " SELECT $2, following, changed_at FROM contact WHERE member_id = $1 ON CONFLICT (member_id) DO UPDATE"
        " SET following = excluded.following, changed_at = excluded.changed_at",
        member_id, owner,
    )  # fmt: skip
    await connection.execute("DELETE FROM contact WHERE member_id = $1", member_id)
    await connection.execute(
        "DELETE FROM follow_up WHERE member_id = $1 AND request_key = 'engine:welcome'", member_id
    )


async def member_of_code(code: str) -> Inviter | None:
    """Whom a referral code belongs to; codes are read without regard to case."""
    owner = await ReferralCode.filter(code=code.lower()).first()
    if owner is None:
        return None
    member = await Member.get(member_id=owner.member_id)
    return Inviter(member.member_id, member.nickname)


async def rename(member_id: int, nickname: str) -> None:
    """Set the nickname. The caller has looked at its characters; the database at its length."""
    await Member.filter(member_id=member_id).update(nickname=nickname)


async def set_opt_out(member_id: int, *, opted_out: bool) -> None:
    """Whether the member wants no notices."""
    await Member.filter(member_id=member_id).update(notices_opted_out=opted_out)


def mask(nickname: str | None, member_id: int) -> str:
    """A public name that does not give the member away: the first character, then stars."""
    if nickname:
        return f"{first_grapheme(nickname)}**"
    return f"会员**{member_id % 100:02d}"


def scene_of(code: str) -> str:
    """The scene both QR codes carry (at most 32 characters, as mini-program codes allow)."""
    return SCENE_PREFIX + code


def code_of_scene(scene: str) -> str | None:
    """The referral code in a scene, or None if the scene is not an invitation."""
    return scene.removeprefix(SCENE_PREFIX).lower() if scene.startswith(SCENE_PREFIX) else None
