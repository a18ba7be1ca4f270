"""Deciding what another operator has asked for. What is approved is carried out once, whoever approves and however often."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

import asyncpg

from loyalty.engine.outcomes import Outcome
from operators import adjusting
from operators.approvals import (
    DECIDE,
    EXPIRE,
    RECORD,
    Approval,
    ApprovalFault,
    fault_of,
    find_approval,
    of_row,
)
from operators.desk import Desk
from operators.reasons import checked_reason
from operators.roles import Action


class Kind(NamedTuple):
    """A kind of approval: what its second person must be allowed to do, and how it is carried out."""

    deciding: Action
    carry_out: Callable[[Desk, Approval], Awaitable[Outcome]]


KINDS: Final[Mapping[str, Kind]] = {
    Action.ADJUST: Kind(Action.APPROVE_ADJUSTMENT, adjusting.carry_out),
}
"""The kinds of approvals by the action that was asked for."""


async def approve(desk: Desk, approval_id: str, answer: str = "") -> Outcome:
    """Approve and carry out; what that came to. One that a crash left unfinished is carried out.

    Raises NotAllowed, ApprovalFault and EngineUnavailable.
    """
    found = await _found(desk, approval_id)
    await desk.require(KINDS[found.action].deciding)
    if not found.is_unfinished:
        found = await _decide(desk, found, "approved", answer.strip()[:100])
    outcome = await KINDS[found.action].carry_out(desk, found)
    await desk.change(lambda connection: connection.execute(RECORD, found.id, outcome.code))
    return outcome


async def refuse(desk: Desk, approval_id: str, answer: str) -> None:
    """Refuse, and say why. Raises NotAllowed, ApprovalFault, BadText and EngineUnavailable."""
    found = await _found(desk, approval_id)
    await desk.require(KINDS[found.action].deciding)
    await _decide(desk, found, "refused", checked_reason(answer))


async def _decide(desk: Desk, found: Approval, state: str, answer: str) -> Approval:
    async def decide(connection: asyncpg.Connection) -> Approval:
        await connection.execute(EXPIRE, desk.now())
        operator = desk.operator
        values = found.id, state, operator.operator_id, operator.name, desk.now(), answer
        row = await connection.fetchrow(DECIDE, *values)
        if row is None:
            raise fault_of(await find_approval(connection, found.id), desk)
        await desk.note(
            connection, KINDS[found.action].deciding, found.id, member_id=found.member_id, before={"asked_by": found.asked_name},
            after={"approval": found.id, "state": state, **found.facts}, reason=answer,
        )  # fmt: skip
        return of_row(row)

    return await desk.change(decide)


async def _found(desk: Desk, approval_id: str) -> Approval:
    found = await find_approval(desk.resources.pool, approval_id)
    if found is None:
        raise ApprovalFault("没有这个申请。")
    return found
