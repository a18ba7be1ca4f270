"""Asking for a second person, and withdrawing what one has asked for. It can be decided for a week."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
import orjson

from operators.approvals.rows import EXPIRE, Approval, find_approval, noted
from operators.desk import Desk
from operators.roles import Action, NotAllowed

VALID: Final = timedelta(days=7)
INSERT: Final = """
INSERT INTO approval (id, action, member_id, facts, reason, asked_by, asked_name, asked_role, asked_origin, asked_at, expires_at,
    state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'asked') ON CONFLICT (id) DO NOTHING RETURNING id
"""
WITHDRAW: Final = """
UPDATE approval SET state = 'withdrawn' WHERE id = $1 AND state = 'asked' AND asked_by = $2 RETURNING id
"""


class ApprovalFault(ValueError):
    """What is asked about an approval cannot be; the message is one Chinese sentence."""


async def ask(
    desk: Desk, action: Action, *, facts: Mapping[str, Any], reason: str, member_id: int = 0
) -> Approval:
    """Ask for a second person. The caller has checked that the operator may ask. Raises EngineUnavailable."""
    asked = asked_at(desk, action, facts=facts, reason=reason, member_id=member_id)
    return await desk.change(lambda connection: keep(desk, connection, asked))


def asked_at(
    desk: Desk, action: Action, *, facts: Mapping[str, Any], reason: str, member_id: int = 0,
    expires_at: datetime | None = None,
) -> Approval:  # fmt: skip
    """What the operator asks for now. Without `expires_at` it can be decided as long as VALID."""
    now, operator = desk.now(), desk.operator
    return Approval(
        secrets.token_urlsafe(9), action, member_id, facts, reason, operator.operator_id, operator.name, operator.role,
        desk.origin, now, expires_at or now + VALID, "asked",
    )  # fmt: skip


async def keep(desk: Desk, connection: asyncpg.Connection, asked: Approval) -> Approval:
    """Store what is asked for, in the caller's transaction, with its row in the operation log. Safe to repeat."""
    stored = await connection.fetchval(
        INSERT, asked.id, asked.action, asked.member_id, orjson.dumps(asked.facts).decode(), asked.reason, asked.asked_by,
        asked.asked_name, asked.asked_role, asked.asked_origin, asked.asked_at, asked.expires_at,
    )  # fmt: skip
    if stored is not None:
        after = {"approval": asked.id, "state": "asked", **noted(asked.facts)}
        await desk.note(
            connection, Action(asked.action), asked.id, member_id=asked.member_id, after=after, reason=asked.reason
        )  # fmt: skip
    return asked


async def withdraw_approval(desk: Desk, approval_id: str) -> None:
    """Withdraw what this operator has asked for. Raises NotAllowed and ApprovalFault."""
    found = await find_approval(desk.resources.pool, approval_id)
    if found is None:
        raise fault_of(found, desk)
    action = Action(found.action)
    await desk.require(action)

    async def withdraw(connection: asyncpg.Connection) -> None:
        await connection.execute(EXPIRE, desk.now())
        if await connection.fetchval(WITHDRAW, approval_id, desk.operator.operator_id) is None:
            raise fault_of(await find_approval(connection, approval_id), desk)
        after = {"approval": approval_id, "state": "withdrawn"}
        await desk.note(connection, action, approval_id, after=after)

    await desk.change(withdraw)


def fault_of(found: Approval | None, desk: Desk) -> Exception:
    """Why an approval cannot be decided or withdrawn at this desk."""
    if found is None:
        return ApprovalFault("没有这个申请。")
    if found.state != "asked":
        return ApprovalFault(f"这个申请{found.state_name}，不能再处理。")
    if found.asked_by == desk.operator.operator_id:
        return NotAllowed("自己提出的申请，要由另一个人批准。")
    return NotAllowed("只有提出申请的人能撤回它。")
