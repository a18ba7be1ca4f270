"""Enrolling many people at once who were members elsewhere: known only by ids so far, they wait until they come themselves.

They get nothing that newcomers get, because they are none. Whoever comes by one of the ids later is the same member.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

import asyncpg

from loyalty.engine.batch import Context
from loyalty.engine.engine import Engine
from loyalty.ledger import chain
from loyalty.ledger.calendar import business_day
from loyalty.members.enrolment import new_referral_code
from loyalty.members.identities import IdentityKey, find_members
from loyalty.members.phones import bind_phones, members_of_phones

CREATE: Final = """
INSERT INTO member (nickname, referral_code, joined_at, last_seen_floor)
SELECT u.nickname, u.code, u.joined_at, $4::date
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS u(nickname, code, joined_at)
RETURNING member_id, referral_code
"""
NAME: Final = """
UPDATE member m SET nickname = u.nickname FROM unnest($1::bigint[], $2::text[]) AS u(member_id, nickname)
WHERE m.member_id = u.member_id AND m.nickname IS NULL
"""


class Arriving(NamedTuple):
    """A person: the identities by which they are found, the instant since when they are a member, and a checked nickname.

    `member_id` is that of a known member, to whom identities are added that point to nobody yet, and the canonical number `phone`
    if they have none.
    """

    identities: tuple[IdentityKey, ...]
    joined_at: datetime
    nickname: str | None = None
    member_id: int | None = None
    phone: str | None = None


class Arrived(NamedTuple):
    """The members of persons, in their order, and how many of them are new."""

    members: list[int]
    created: int


async def enroll_many(engine: Engine, persons: Sequence[Arriving]) -> Arrived:
    """Find or create the members of persons, all of whose identities differ. Safe to repeat, and to run in several processes.

    A known member keeps the nickname that they have. Raises EngineUnavailable.
    """
    while True:
        try:
            return await engine.transact(
                lambda connection: _meet(connection, persons, engine.clock.now(), engine.context)
            )
        except asyncpg.UniqueViolationError:
            continue  # another process has just linked one of these identities: look all of them up again


async def _meet(
    connection: asyncpg.Connection, persons: Sequence[Arriving], now: datetime, context: Context
) -> Arrived:
    known = await find_members(connection, [pair for one in persons for pair in one.identities])
    numbers = {one.phone for one in persons if one.phone is not None}
    by_phone = await members_of_phones(connection, context.keyring, numbers) if numbers else {}
    members = [
        one.member_id or _member_of(one, known) or (by_phone.get(one.phone) if one.phone else None)
        for one in persons
    ]
    strangers = [place for place, member_id in enumerate(members) if member_id is None]
    ids = await _create(
        connection, [persons[place] for place in strangers], now, business_day(now, context.zone)
    )
    for place, member_id in zip(strangers, ids, strict=True):
        members[place] = member_id
    found = [member_id for member_id in members if member_id is not None]
    links = [
        (provider, subject, member_id, now)
        for one, member_id in zip(persons, found, strict=True)
        for provider, subject in one.identities
        if (provider, subject) not in known
    ]
    await connection.copy_records_to_table(
        "identity", records=links, columns=("provider", "subject", "member_id", "linked_at")
    )
    phones = {
        member_id: one.phone
        for one, member_id in zip(persons, found, strict=True)
        if one.phone is not None and one.phone not in by_phone
    }
    await bind_phones(connection, context.keyring, phones, now)
    new = set(ids)
    named = [
        (member_id, one.nickname)
        for one, member_id in zip(persons, found, strict=True)
        if one.nickname and member_id not in new
    ]
    if named:
        await connection.execute(NAME, [one for one, _ in named], [name for _, name in named])
    return Arrived(found, len(strangers))


def _member_of(person: Arriving, known: Mapping[IdentityKey, int]) -> int | None:
    return next((known[pair] for pair in person.identities if pair in known), None)


async def _create(
    connection: asyncpg.Connection, strangers: Sequence[Arriving], now: datetime, today: date
) -> list[int]:
    """New members with their accounts and referral codes; their ids, in the order of the persons."""
    if not strangers:
        return []
    codes = [new_referral_code() for _ in strangers]
    columns = ([one.nickname for one in strangers], codes, [one.joined_at for one in strangers])
    rows = await connection.fetch(CREATE, *columns, today)
    ids = {code: member_id for member_id, code in rows}
    await connection.copy_records_to_table(
        "account",
        records=[(member_id, chain.genesis(member_id), now, today) for member_id in ids.values()],
        columns=("member_id", "chain", "posted_at", "last_seen_on"),
    )
    await connection.copy_records_to_table(
        "referral_code", records=list(ids.items()), columns=("code", "member_id")
    )
    return [ids[code] for code in codes]
