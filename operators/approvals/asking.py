"""Approvals: what one operator asks for and another decides. Their states are rows; a week without a decision ends them."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

import asyncpg
import orjson

from operators.desk import Desk
from operators.roles import Action, NotAllowed, Role

VALID: Final = timedelta(days=7)
STATES: Final[Mapping[str, str]] = {
    "asked": "等待批准",
    "approved": "已批准",
    "refused": "已驳回",
    "withdrawn": "已撤回",
    "expired": "已过期",
}

INSERT: Final = """
INSERT INTO approval (id, action, member_id, facts, reason, asked_by, asked_name, asked_role, asked_origin, asked_at, expires_at,
    state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'asked') ON CONFLICT (id) DO NOTHING RETURNING id
"""
LARGE: Final = ("rules", "figures")
"""Facts of any length, which lists and the operation log leave out."""
COLUMNS: Final = """
id, action, member_id, facts, reason, asked_by, asked_name, asked_role, asked_origin, asked_at, expires_at, state, decided_by,
decided_name, decided_at, answer, outcome
"""
LISTED: Final = COLUMNS.replace("facts", "facts - $5::text[] AS facts")
SELECT: Final = f"SELECT {COLUMNS} FROM approval WHERE id = $1"  # noqa: S608  # no values in the text
EXPIRE: Final = "UPDATE approval SET state = 'expired' WHERE state = 'asked' AND expires_at <= $1"
DECIDE: Final = f"""
UPDATE approval SET state = $2, decided_by = $3, decided_name = $4, decided_at = $5, answer = $6
WHERE id = $1 AND state = 'asked' AND expires_at > $5 AND asked_by <> $3 RETURNING {COLUMNS}
"""  # noqa: S608  # no values in the text
WITHDRAW: Final = """
UPDATE approval SET state = 'withdrawn' WHERE id = $1 AND state = 'asked' AND asked_by = $2 RETURNING id
"""
RECORD: Final = "UPDATE approval SET outcome = $2 WHERE id = $1 AND outcome IS NULL"
LIST: Final = f"""
SELECT {LISTED} FROM approval WHERE ($1::text IS NULL OR state = $1)
AND ($2::timestamptz IS NULL OR (asked_at, id) < ($2, $3)) ORDER BY asked_at DESC, id DESC LIMIT $4
"""  # noqa: S608  # no values in the text


class ApprovalFault(ValueError):
    """What is asked about an approval cannot be; the message is one Chinese sentence."""


@dataclass(frozen=True)
class Approval:
    """What was asked for, by whom, and what became of it.

    `outcome` is the code of what carrying it out came to; None as long as it has not been carried out.
    """

    id: str
    action: str
    member_id: int
    facts: Mapping[str, Any]
    reason: str
    asked_by: int
    asked_name: str
    asked_role: Role
    asked_origin: str
    asked_at: datetime
    expires_at: datetime
    state: str
    decided_by: int | None = None
    decided_name: str | None = None
    decided_at: datetime | None = None
    answer: str = ""
    outcome: str | None = None

    @property
    def state_name(self) -> str:
        """The state in Chinese."""
        return STATES[self.state]

    @property
    def is_unfinished(self) -> bool:
        """Whether it is approved and not carried out yet, as after a crash: approving it again carries it out."""
        return self.state == "approved" and self.outcome is None


class After(NamedTuple):
    """The last row of a page."""

    asked_at: datetime
    id: str


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


def noted(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that the operation log stores."""
    return {name: value for name, value in facts.items() if name not in LARGE}


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


async def find_approval(database: asyncpg.Pool | asyncpg.Connection, approval_id: str) -> Approval | None:
    """The approval with this id."""
    row = await database.fetchrow(SELECT, approval_id)
    return None if row is None else of_row(row)


async def list_approvals(
    pool: asyncpg.Pool,
    now: datetime,
    state: str | None = None,
    after: After | None = None,
    *,
    limit: int = 50,
) -> list[Approval]:
    """A page of approvals, newest first, below `after`, without their LARGE facts; those whose time is over have expired."""
    await pool.execute(EXPIRE, now)
    return [of_row(row) for row in await pool.fetch(LIST, state, *(after or (None, None)), limit, LARGE)]


def fault_of(found: Approval | None, desk: Desk) -> Exception:
    """Why an approval cannot be decided or withdrawn at this desk."""
    if found is None:
        return ApprovalFault("没有这个申请。")
    if found.state != "asked":
        return ApprovalFault(f"这个申请{found.state_name}，不能再处理。")
    if found.asked_by == desk.operator.operator_id:
        return NotAllowed("自己提出的申请，要由另一个人批准。")
    return NotAllowed("只有提出申请的人能撤回它。")


def of_row(row: asyncpg.Record) -> Approval:
    """The approval of a row."""
    values = dict(row)
    return Approval(**values | {"facts": orjson.loads(values["facts"]), "answer": values["answer"] or ""})
