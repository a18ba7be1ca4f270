"""The rows of approvals: what one operator asks for and another decides, in which state it is, and lists of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg
import orjson

from operators.roles import Role

STATES: Final[Mapping[str, str]] = {
    "asked": "等待批准",
    "approved": "已批准",
    "refused": "已驳回",
    "withdrawn": "已撤回",
    "expired": "已过期",
}

LARGE: Final = ("rules", "figures")
"""Facts of any length, which lists and the operation log leave out."""
COLUMNS: Final = """
id, action, member_id, facts, reason, asked_by, asked_name, asked_role, asked_origin, asked_at, expires_at, state, decided_by,
decided_name, decided_at, answer, outcome
"""
LISTED: Final = COLUMNS.replace("facts", "facts - $5::text[] AS facts")
SELECT: Final = f"SELECT {COLUMNS} FROM approval WHERE id = $1"  # noqa: S608  # no values in the text
EXPIRE: Final = "UPDATE approval SET state = 'expired' WHERE state = 'asked' AND expires_at <= $1"
LIST: Final = f"""
SELECT {LISTED} FROM approval WHERE ($1::text IS NULL OR state = $1)
AND ($2::timestamptz IS NULL OR (asked_at, id) < ($2, $3)) ORDER BY asked_at DESC, id DESC LIMIT $4
"""  # noqa: S608  # no values in the text


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


def noted(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that the operation log stores."""
    return {name: value for name, value in facts.items() if name not in LARGE}


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


def of_row(row: asyncpg.Record) -> Approval:
    """The approval of a row."""
    values = dict(row)
    return Approval(**values | {"facts": orjson.loads(values["facts"]), "answer": values["answer"] or ""})
