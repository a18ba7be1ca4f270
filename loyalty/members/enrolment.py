"""Enrolment: a person becomes a member at their first contact, exactly once."""

import itertools
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from loyalty.engine.command import Command
from loyalty.engine.engine import Engine
from loyalty.engine.follow_ups import LEASE, newcomers_key
from loyalty.engine.outcomes import Outcome, Result
from loyalty.ledger import chain
from loyalty.ledger.calendar import business_day
from loyalty.ledger.writes import FollowUp
from loyalty.members.identities import IdentityKey, find_members, link, mark

_CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_CODE_LENGTH = 8


@dataclass(frozen=True)
class Newcomer:
    """A person who may not be a member yet: their identities, and the instant of the contact.

    `silent`: they have only followed, by the first of the identities. What every new member gets waits for their first act.
    """

    identities: tuple[IdentityKey, ...]
    at: datetime
    silent: bool = False


@dataclass(frozen=True)
class Enrolled:
    """The member, and whether this call created it; `consequences` are the results of the commands that every new member gets."""

    member_id: int
    created: bool
    consequences: tuple[Outcome, ...] = ()


class IdentityTaken(Exception):
    """Another process has just linked one of these identities: look the person up again."""


HAS_OPEN_FOLLOW_UP = """
SELECT EXISTS (SELECT FROM follow_up WHERE member_id = $1 AND request_key = ANY($2::text[]) AND done_at IS NULL)
"""


WAITS = """
SELECT EXISTS (SELECT FROM follow_up WHERE member_id = $1 AND request_key = $2 AND done_at IS NULL AND due_at = 'infinity')
"""


async def enroll(engine: Engine, newcomer: Newcomer) -> Enrolled:
    """The member of these identities; if there is none, create one and run the commands that every new member gets.

    Safe to call in several processes at once.
    """
    commands = engine.context.registry.for_newcomers
    day = business_day(newcomer.at, engine.context.zone)
    while True:
        tries = itertools.count()
        try:
            member_id, created = await engine.transact(
                lambda connection: meet(connection, newcomer, day, commands, again=next(tries) > 0)  # noqa: B023  # awaited here
            )
            break
        except IdentityTaken:
            continue
    if not created:
        return Enrolled(member_id, created=False)
    if newcomer.silent:
        return Enrolled(member_id, created=True)
    return Enrolled(
        member_id, created=True, consequences=await _run(engine, member_id, commands, newcomer.at)
    )


async def act_first(engine: Engine, pool: asyncpg.Pool, member_id: int, now: datetime) -> tuple[Outcome, ...]:
    """The results of the commands that waited for the first act of a silent newcomer; none if none waits. Safe to repeat.

    Raises EngineUnavailable; then they go on waiting.
    """
    waiting = [
        command
        for command in engine.context.registry.for_newcomers
        if await pool.fetchval(WAITS, member_id, newcomers_key(command.name))
    ]
    results = await _run(engine, member_id, waiting, now)
    await pool.execute("UPDATE identity SET silent = false WHERE member_id = $1 AND silent", member_id)
    return results


async def _run(
    engine: Engine, member_id: int, commands: Iterable[type[Command]], at: datetime
) -> tuple[Outcome, ...]:
    followed = [await engine.run_follow_up(_row(member_id, command), at) for command in commands]
    return tuple(one.outcome for one in followed if isinstance(one.outcome, Result))


async def meet(
    connection: asyncpg.Connection,
    newcomer: Newcomer,
    day: date,
    commands: Iterable[type[Command]],
    *,
    again: bool = False,
) -> tuple[int, bool]:
    """Find the member by any identity and link the others, or create member, account, identities and follow-ups together.

    Returns the member and whether it was created here. `again`: an earlier attempt may have been committed although its answer was
    lost; a member whose follow-ups as a newcomer are still open then counts as created here.
    Runs inside the engine's transaction. Raises IdentityTaken when another process was faster.
    """
    known = await find_members(connection, newcomer.identities)
    try:
        if known:
            unknown = tuple(pair for pair in newcomer.identities if pair not in known)
            member_id = next(known[pair] for pair in newcomer.identities if pair in known)
            for other in set(known.values()) - {member_id}:
                await mark(connection, member_id, other)
            await link(connection, member_id, unknown, newcomer.at)
            keys = [_row(member_id, command).request_key for command in commands]
            return member_id, again and await connection.fetchval(HAS_OPEN_FOLLOW_UP, member_id, keys)
        return await _create(connection, newcomer, day, commands), True
    except asyncpg.UniqueViolationError as taken:
        raise IdentityTaken from taken


def new_referral_code() -> str:
    """A random referral code."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))


def _row(member_id: int, command: type[Command]) -> FollowUp:
    return FollowUp(member_id, newcomers_key(command.name), command.name, {})


async def _create(
    connection: asyncpg.Connection, newcomer: Newcomer, day: date, commands: Iterable[type[Command]]
) -> int:
    code = new_referral_code()
    member_id: int = await connection.fetchval(
        "INSERT INTO member (referral_code, joined_at, last_seen_floor) VALUES ($1, $2, $3) RETURNING member_id",
        code, newcomer.at, day,
    )  # fmt: skip
    await connection.execute(
        "INSERT INTO account (member_id, chain, posted_at, last_seen_on) VALUES ($1, $2, $3, $4)",
        member_id, chain.genesis(member_id), newcomer.at, day,
    )  # fmt: skip
    await connection.execute("INSERT INTO referral_code (code, member_id) VALUES ($1, $2)", code, member_id)
    await link(connection, member_id, newcomer.identities, newcomer.at)
    if newcomer.silent:
        provider, subject = newcomer.identities[0]
        await connection.execute(
            "UPDATE identity SET silent = true WHERE provider = $1 AND subject = $2", provider, subject
        )
    for command in commands:
        row = _row(member_id, command)
        await connection.execute(
            "INSERT INTO follow_up (member_id, request_key, command, payload, effective_at, due_at)"
            " VALUES ($1, $2, $3, '{}', $4, CASE WHEN $6 THEN 'infinity' ELSE $5::timestamptz END)",
            member_id, row.request_key, row.command, newcomer.at, newcomer.at + LEASE, newcomer.silent,
        )  # fmt: skip
    return member_id
