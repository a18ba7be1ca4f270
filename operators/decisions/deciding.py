"""Deciding what another operator has asked for. What is approved is carried out once, whoever approves and however often."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

import asyncpg

from loyalty.engine.outcomes import Outcome
from operators.approvals.asking import ApprovalFault, fault_of
from operators.approvals.rows import COLUMNS, EXPIRE, Approval, find_approval, noted, of_row
from operators.desk import Desk
from operators.members import adjusting
from operators.reasons import checked_reason
from operators.roles import Action
from operators.rules import requests as rule_requests

DECIDE: Final = f"""
UPDATE approval SET state = $2, decided_by = $3, decided_name = $4, decided_at = $5, answer = $6
WHERE id = $1 AND state = 'asked' AND expires_at > $5 AND asked_by <> $3 RETURNING {COLUMNS}
"""  # noqa: S608  # no values in the text
RECORD: Final = "UPDATE approval SET outcome = $2 WHERE id = $1 AND outcome IS NULL"

Approve: TypeAlias = Callable[[Desk, Approval, str], Awaitable[Outcome]]
"""Approves what was found, with an answer to the asker, and carries it out."""


def _then(carry_out: Callable[[Desk, Approval], Awaitable[Outcome]]) -> Approve:
    """Approve, and then carry out in a transaction of its own, which must be safe to repeat: a crash may come between."""

    async def approve_then(desk: Desk, found: Approval, answer: str) -> Outcome:
        if not found.is_unfinished:
            now, asked = desk.now(), found
            found = await desk.change(
                lambda connection: _decide(desk, connection, asked, ("approved", answer), now)
            )
        outcome = await carry_out(desk, found)
        await desk.change(lambda connection: connection.execute(RECORD, found.id, outcome.code))
        return outcome

    return approve_then


def _within(
    carry_out: Callable[[Desk, asyncpg.Connection, Approval, datetime], Awaitable[Outcome]],
) -> Approve:
    """Approve and carry out in one transaction: what cannot be carried out is not approved either, and waits on."""

    async def approve_within(desk: Desk, found: Approval, answer: str) -> Outcome:
        now = desk.now()

        async def both(connection: asyncpg.Connection) -> Outcome:
            decided = await _decide(desk, connection, found, ("approved", answer), now)
            outcome = await carry_out(desk, connection, decided, now)
            await connection.execute(RECORD, found.id, outcome.code)
            return outcome

        return await desk.change(both)

    return approve_within


class Kind(NamedTuple):
    """A kind of approval: what its second person must be allowed to do, and how it is approved."""

    deciding: Action
    approve: Approve


KINDS: Final[Mapping[str, Kind]] = {
    Action.ADJUST: Kind(Action.APPROVE_ADJUSTMENT, _then(adjusting.carry_out)),
    Action.PUBLISH_RULES: Kind(Action.APPROVE_RULES, _within(rule_requests.publish_asked)),
}
"""The kinds of approvals by the action that was asked for."""


async def approve(desk: Desk, approval_id: str, answer: str = "") -> Outcome:
    """Approve and carry out; what that came to. One that a crash left unfinished is carried out.

    Raises NotAllowed, ApprovalFault and EngineUnavailable.
    """
    found = await _found(desk, approval_id)
    await desk.require(KINDS[found.action].deciding)
    return await KINDS[found.action].approve(desk, found, answer.strip()[:100])


async def refuse(desk: Desk, approval_id: str, answer: str) -> None:
    """Refuse, and say why. Raises NotAllowed, ApprovalFault, BadText and EngineUnavailable."""
    found = await _found(desk, approval_id)
    await desk.require(KINDS[found.action].deciding)
    decision, now = ("refused", checked_reason(answer)), desk.now()
    await desk.change(lambda connection: _decide(desk, connection, found, decision, now))


async def _decide(
    desk: Desk, connection: asyncpg.Connection, found: Approval, decision: tuple[str, str], now: datetime
) -> Approval:
    """Store a decision, which is a state and an answer."""
    await connection.execute(EXPIRE, now)
    (state, answer), operator = decision, desk.operator
    row = await connection.fetchrow(DECIDE, found.id, state, operator.operator_id, operator.name, now, answer)
    if row is None:
        raise fault_of(await find_approval(connection, found.id), desk)
    await desk.note(
        connection, KINDS[found.action].deciding, found.id, member_id=found.member_id, before={"asked_by": found.asked_name},
        after={"approval": found.id, "state": state, **noted(found.facts)}, reason=answer,
    )  # fmt: skip
    return of_row(row)


async def _found(desk: Desk, approval_id: str) -> Approval:
    found = await find_approval(desk.resources.pool, approval_id)
    if found is None:
        raise ApprovalFault("没有这个申请。")
    return found
