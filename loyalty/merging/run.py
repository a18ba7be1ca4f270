"""Merging two members by their ids, whichever of them joined first, and what a unionid learnt later leads to."""

import secrets
from datetime import datetime
from functools import partial
from typing import Any, Final

import asyncpg
import structlog

from loyalty.engine.engine import Engine
from loyalty.engine.outcomes import Decision, Outcome
from loyalty.engine.refusals import UnknownMember
from loyalty.members.identities import link_unionid
from loyalty.merging.commands import MergeOut, SplitOut
from loyalty.merging.outcomes import AlreadyMerged, MergedOut, NotMergeable, NotMerged
from loyalty.operations.commands import GivenBy

SYSTEM: Final = "system"
SAME_UNIONID: Final = "unionid 相同"
SAME_PERSON: Final = "已知是同一个人"
ATTEMPTS: Final = 3

SELECT_MARKED = """
SELECT member_id, merge_with FROM member WHERE merge_with IS NOT NULL AND member_id > $1 ORDER BY member_id LIMIT $2
"""
UNMARK = "UPDATE member SET merge_with = NULL WHERE member_id = $1 AND merge_with = $2"
SELECT_INTO = "SELECT merged_into FROM account WHERE member_id = $1"
SELECT_ACCOUNTS = "SELECT member_id, merged_into FROM account WHERE member_id = ANY($1::bigint[])"

log = structlog.get_logger(__name__)


async def merge(
    engine: Engine, members: tuple[int, int], *, actor: str, reason: str, given: GivenBy | None = None
) -> Outcome:
    """Merge two members: the one who joined later into the one who joined first. A merged member stands for whom they lead to.
    `given` is the operator who merges them.

    Returns MergedOut, AlreadyMerged if they are one already, or the refusal. Raises EngineUnavailable.
    """
    outcome: Outcome = AlreadyMerged(members[0])
    for _ in range(ATTEMPTS):
        first, later = sorted([await current(engine, members[0]), await current(engine, members[1])])
        if first == later:
            return AlreadyMerged(first)
        command = MergeOut(
            member_id=later, request_key=_fresh_key("merge"), at=engine.clock.now(), actor=actor, into=first, reason=reason,
            **_by(given),
        )  # fmt: skip
        outcome = (await engine.run(command)).outcome
        await engine.run_left_by(later, first)
        if outcome != NotMergeable("target"):
            break  # otherwise the one who joined first may just have been merged into a third member
    return outcome


async def split(
    engine: Engine, member_id: int, *, actor: str, reason: str, given: GivenBy | None = None
) -> Decision:
    """Undo the merge of a member into another, as the operator `given`. The decision is SplitOff, or NotMerged.

    Raises EngineUnavailable.
    """
    accounts = dict(await engine.transact(lambda connection: connection.fetch(SELECT_ACCOUNTS, [member_id])))
    if member_id not in accounts:
        return Decision(UnknownMember(member_id))
    into = accounts[member_id]
    if into is None:
        return Decision(NotMerged(member_id))
    into = await current(engine, into)
    command = SplitOut(
        member_id=into, request_key=_fresh_key("split"), at=engine.clock.now(), actor=actor, other_id=member_id, reason=reason,
        **_by(given),
    )  # fmt: skip
    decision = await engine.run(command)
    await engine.run_left_by(into, member_id)
    return decision


async def current(engine: Engine, member_id: int) -> int:
    """The member that this one is now: the one they were merged into, if they were. Raises EngineUnavailable."""

    async def follow(connection: asyncpg.Connection) -> int:
        now = member_id
        while (into := await connection.fetchval(SELECT_INTO, now)) is not None:
            now = into
        return now

    return await engine.transact(follow)


async def learn_unionid(engine: Engine, member_id: int, unionid: str, now: datetime) -> int:
    """Connect a member with a unionid that was learnt later; returns the member to continue with.

    If the unionid points to another member, the two are one person and are merged. If that is not possible now, they stay marked,
    and a job tries again. Raises EngineUnavailable.
    """
    other = await link_unionid(engine, member_id, unionid, now)
    if other is None:
        return member_id
    outcome = await merge(engine, (member_id, other), actor=SYSTEM, reason=SAME_UNIONID)
    if isinstance(outcome, MergedOut | AlreadyMerged):
        return await current(engine, member_id)
    log.warning("merge_refused", member_id=member_id, other_id=other, code=outcome.code)
    return member_id


async def merge_marked(engine: Engine, after: int, limit: int) -> int | None:
    """Merge members who are marked as one person, those above the id `after`; the last one looked at, None if none is left.

    Those who cannot be merged now stay marked. Raises EngineUnavailable.
    """
    rows = await engine.transact(lambda connection: connection.fetch(SELECT_MARKED, after, limit))
    for row in rows:
        member_id, other_id = row["member_id"], row["merge_with"]
        outcome = await merge(engine, (member_id, other_id), actor=SYSTEM, reason=SAME_PERSON)
        if isinstance(outcome, MergedOut | AlreadyMerged):
            await engine.transact(partial(_unmark, member_id=member_id, other_id=other_id))
    return rows[-1]["member_id"] if len(rows) == limit else None


async def _unmark(connection: asyncpg.Connection, member_id: int, other_id: int) -> None:
    await connection.execute(UNMARK, member_id, other_id)


def _by(given: GivenBy | None) -> dict[str, Any]:
    return given._asdict() if given else {}


def _fresh_key(what: str) -> str:
    """A key of its own for each attempt: a merge can be undone and made again, and the account's status makes it happen once."""
    return f"{what}:{secrets.token_urlsafe(12)}"
