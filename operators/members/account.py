"""What operators do to one member, each with a row in the operation log. Adjusting points has a file of its own (`adjusting`)."""

from typing import Final

import asyncpg

from loyalty.adjustments.commands import OPERATOR, FreezeAccount, ThawAccount
from loyalty.engine.outcomes import Outcome
from loyalty.members.phones import phone_of
from loyalty.merging.run import merge as merge_members
from loyalty.merging.run import split
from loyalty.settling import SettleClock
from operators.desk import Desk
from operators.members.running import given_by, run
from operators.reasons import checked_reason
from operators.roles import Action

CLEAR_NAME: Final = """
UPDATE member SET nickname = NULL, nickname_checked = false WHERE member_id = $1 AND nickname IS NOT NULL RETURNING member_id
"""

END_SESSIONS: Final = "DELETE FROM session WHERE member_id = $1 RETURNING expires_at > $2 AS good"


async def freeze(desk: Desk, member_id: int, reason: str) -> Outcome:
    """Freeze an account; the member reads the reason. Raises NotAllowed, BadText and EngineUnavailable."""
    await desk.require(Action.FREEZE)
    return await run(desk, FreezeAccount, member_id, reason=checked_reason(reason))


async def release(desk: Desk, member_id: int, reason: str) -> Outcome:
    """Open a frozen account. Raises as `freeze`."""
    await desk.require(Action.RELEASE)
    return await run(desk, ThawAccount, member_id, reason=checked_reason(reason))


async def settle_clock(desk: Desk, member_id: int, reason: str) -> Outcome:
    """Bring an account back from the future. Raises as `freeze`."""
    await desk.require(Action.SETTLE_CLOCK)
    return await run(desk, SettleClock, member_id, reason=checked_reason(reason))


async def merge(desk: Desk, one: int, other: int, reason: str) -> Outcome:
    """Merge two members who are one person: the one who joined later into the other. Raises as `freeze`."""
    await desk.require(Action.MERGE)
    reason = checked_reason(reason)
    return await merge_members(
        desk.resources.engine, (one, other), actor=OPERATOR, reason=reason, given=given_by(desk)
    )


async def unmerge(desk: Desk, member_id: int, reason: str) -> Outcome:
    """Undo the merge of a member into another. Raises as `freeze`."""
    await desk.require(Action.UNMERGE)
    reason = checked_reason(reason)
    engine = desk.resources.engine
    return (await split(engine, member_id, actor=OPERATOR, reason=reason, given=given_by(desk))).outcome


async def reset_name(desk: Desk, member_id: int, reason: str) -> bool:
    """Remove a member's nickname; False if there is none. Raises as `freeze`."""
    await desk.require(Action.RESET_NAME)
    reason = checked_reason(reason)

    async def clear(connection: asyncpg.Connection) -> bool:
        name = await connection.fetchval(CLEAR_NAME, member_id)
        if name is not None:
            await desk.note(connection, Action.RESET_NAME, member_id=member_id, reason=reason)
        return name is not None

    return await desk.change(clear)


async def end_sessions(desk: Desk, member_id: int, reason: str) -> int:
    """End all of a member's mini-program sessions, so that each phone has to log in again; how many were good.

    The next request of an ended session is answered with 401. Safe to repeat. Raises as `freeze`.
    """
    await desk.require(Action.END_MEMBER_SESSIONS)
    reason = checked_reason(reason)

    async def end(connection: asyncpg.Connection) -> int:
        rows = await connection.fetch(END_SESSIONS, member_id, desk.now())
        ended = sum(1 for row in rows if row["good"])
        if ended:
            after = {"sessions": ended}
            await desk.note(
                connection, Action.END_MEMBER_SESSIONS, member_id=member_id, after=after, reason=reason
            )
        return ended

    return await desk.change(end)


async def unmask(desk: Desk, member_id: int, reason: str) -> str | None:
    """The member's whole phone number; None if they have bound none. Who looked is in the log before it is shown.

    Raises as `freeze`, and SealingError.
    """
    await desk.require(Action.UNMASK)
    reason = checked_reason(reason)
    await desk.change(
        lambda connection: desk.note(connection, Action.UNMASK, member_id=member_id, reason=reason)
    )
    return await phone_of(desk.resources.pool, desk.resources.settings.keyring, member_id)
