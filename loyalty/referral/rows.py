"""The rows that referrals read and write: who invited the member, and whether the member has ever signed in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg
from pydantic import TypeAdapter

from loyalty.engine.command import DatedCommand
from loyalty.engine.past import Past
from loyalty.engine.reads import Note, Read, ReadRequest
from loyalty.engine.scene import Scene
from loyalty.ledger.writes import MeterKey, Table, Update

SELECT_REFERRALS = """
SELECT member_id, inviter_id, qualified_at IS NOT NULL AS qualified FROM referral WHERE member_id = ANY($1::bigint[])
"""
SELECT_SIGNED_IN = """
SELECT member_id FROM account a WHERE member_id = ANY($1::bigint[])
AND EXISTS (SELECT FROM check_in c WHERE c.member_id = a.member_id)
"""
QUALIFY = """
UPDATE referral r SET qualified_at = u.qualified_at
FROM unnest($1::bigint[], $2::timestamptz[]) AS u(member_id, qualified_at) WHERE r.member_id = u.member_id
"""
SELECT_KNOWN = """
SELECT m.member_id, m.merge_with, a.merged_into FROM member m LEFT JOIN account a ON a.member_id = m.member_id
WHERE m.member_id = ANY($1::bigint[])
"""


NOBODY: Final = (None, None)
"""No member to be merged with, and none to have been merged into."""


class StoredReferral(NamedTuple):
    """The stored referral of a member: who invited them, and whether the referral has qualified."""

    inviter_id: int
    qualified: bool


class FriendReferral(NamedTuple):
    """The referral of a person: of the member, or of `friend_id`, who was merged into them."""

    friend_id: int
    inviter_id: int
    qualified: bool


class Other(NamedTuple):
    """The other member of a referral, as they are now, and whether they are known to be this same person."""

    member_id: int
    is_oneself: bool


class ReferralRow(NamedTuple):
    """A new referral: who invited the member, and since when that is recorded."""

    inviter_id: int
    bound_at: datetime


class QualifiedRow(NamedTuple):
    """When the friend met the condition."""

    qualified_at: datetime


async def _referrals(request: ReadRequest) -> Mapping[int, StoredReferral | None]:
    rows = await request.connection.fetch(SELECT_REFERRALS, request.members)
    return {row["member_id"]: StoredReferral(row["inviter_id"], row["qualified"]) for row in rows}


async def _half_referrals(request: ReadRequest) -> Mapping[int, FriendReferral | None]:
    found: dict[int, FriendReferral] = {}
    for friend_id, *referral in sorted(await _of_halves(request, SELECT_REFERRALS)):
        member_id = request.persons[friend_id]
        first = found.get(member_id, FriendReferral(friend_id, *referral))
        found[member_id] = first._replace(qualified=first.qualified or referral[1])
    return found


async def _signed_in(request: ReadRequest) -> Mapping[int, bool]:
    rows = await request.connection.fetch(SELECT_SIGNED_IN, request.members)
    return {row["member_id"]: True for row in rows}


async def _halves_signed_in(request: ReadRequest) -> Mapping[int, bool]:
    return {request.persons[row["member_id"]]: True for row in await _of_halves(request, SELECT_SIGNED_IN)}


async def _of_halves(request: ReadRequest, statement: str) -> list[asyncpg.Record]:
    """The rows of members merged into those of the commands; there are seldom any."""
    halves = request.persons.keys() - set(request.members)
    return await request.connection.fetch(statement, sorted(halves)) if halves else []


async def _inviters(request: ReadRequest) -> Mapping[int, Other | None]:
    """The inviters that the commands name, or else those that are stored."""
    stored: dict[int, int] = {}
    for member_id, half in (await _half_referrals(request)).items():
        stored |= {member_id: half.inviter_id} if half else {}
    for member_id, own in (await _referrals(request)).items():
        stored |= {member_id: own.inviter_id} if own else {}
    for one in request.commands:
        named: int = getattr(one.command, "inviter_id", 0)
        stored |= {one.command.member_id: named} if named else {}
    return await _others(request, stored)


async def _friends(request: ReadRequest) -> Mapping[int, Other | None]:
    commands: list[Any] = [one.command for one in request.commands]
    return await _others(request, {command.member_id: command.friend_id for command in commands})


async def _others(request: ReadRequest, others: Mapping[int, int]) -> Mapping[int, Other | None]:
    """Of others who were merged, or who are the same person as the member: who they are now.

    Two members who are marked for a merge are known to be one person, too.
    """
    known: dict[int, tuple[int | None, int | None]] = {}
    wanted = {*others.keys(), *others.values()}
    while wanted:
        rows = await request.connection.fetch(SELECT_KNOWN, sorted(wanted))
        known |= {row["member_id"]: (row["merge_with"], row["merged_into"]) for row in rows}
        wanted = {into for _, into in known.values() if into is not None} - known.keys()
    found: dict[int, Other | None] = {}
    for member_id, named_id in others.items():
        other_id = named_id
        while (into := known.get(other_id, NOBODY)[1]) is not None:
            other_id = into
        marks = {(one, known.get(one, NOBODY)[0]) for one in (member_id, other_id)}
        is_oneself = other_id == member_id or not marks.isdisjoint(
            {(member_id, other_id), (other_id, member_id)}
        )
        if is_oneself or other_id != named_id:
            found[member_id] = Other(other_id, is_oneself)
    return found


REFERRALS: Final = Table(
    "referral", ReferralRow, stamps={}, mutable=("qualified_at",), key=(), since="bound_at"
)
QUALIFY_REFERRALS: Final = Update(QUALIFY, QualifiedRow, table=REFERRALS, since="qualified_at")


def _referral_in(past: Past, _: DatedCommand, __: object) -> StoredReferral | None:
    row = past.rows[REFERRALS].get(())
    return StoredReferral(row["inviter_id"], row["qualified_at"] is not None) if row else None


def _has_signed_in(past: Past, _: DatedCommand, __: object) -> bool:
    return past.has_rows_in("check_in")


REFERRAL: Final = Read[StoredReferral | None]("who invited the member", _referrals, None, fold=_referral_in)
HALF_REFERRAL: Final = Read[FriendReferral | None](
    "who invited a member merged into this one",
    _half_referrals,
    None,
    note=Note("half_referral", TypeAdapter(FriendReferral | None)),
)
HAS_SIGNED_IN: Final = Read[bool](
    "whether the member has ever signed in", _signed_in, False, fold=_has_signed_in
)
HALF_SIGNED_IN: Final = Read[bool](
    "whether a member merged into this one has ever signed in",
    _halves_signed_in,
    False,
    note=Note("half_signed_in", TypeAdapter(bool)),
)
INVITER: Final = Read[Other | None](
    "an inviter who was merged, or is oneself",
    _inviters,
    None,
    note=Note("inviter", TypeAdapter(Other | None)),
)
FRIEND: Final = Read[Other | None](
    "a friend who was merged, or is oneself", _friends, None, note=Note("friend", TypeAdapter(Other | None))
)


def referral_of(scene: Scene[Any], member_id: int) -> FriendReferral | None:
    """The referral of the person: the member's own, or else that of a half. It has qualified if any of them has."""
    own, half = scene.recall(REFERRAL), scene.recall(HALF_REFERRAL)
    if own is None:
        return half
    return FriendReferral(member_id, own.inviter_id, own.qualified or (half is not None and half.qualified))


FRIENDS_REWARDED: Final = MeterKey("friends_rewarded")
"""The meter of qualified friends for whom a member was rewarded, for all time."""
