"""The operation log: one row for each write of an operator, in the transaction of the change, and its pages, newest first."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

import asyncpg
import orjson

from operators.roles import ROLE_NAMES, Action, Role

INSERT: Final = """
INSERT INTO operation (member_id, id, at, operator, role, origin, action, subject, before, after, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10::text::jsonb, $11)
"""
SELECT: Final = """
SELECT member_id, id, at, operator, role, origin, action, subject, before::text AS before, after::text AS after, reason
FROM operation WHERE {where} ORDER BY at DESC, member_id DESC, id DESC LIMIT {limit}
"""
CONDITIONS: Final[Mapping[str, str]] = {
    "operator": "operator = {}", "action": "action = {}", "member_id": "member_id = {}::bigint", "since": "at >= {}",
    "until": "at < {}",
}  # fmt: skip
"""Only the conditions of a page stand in its statement, so that its plan may use their index for any operator or action."""
BELOW: Final = "(at, member_id, id) < ({}::timestamptz, {}::bigint, {}::text)"
LOGGED_IN: Final = "logged_in"
LOGGED_OUT: Final = "logged_out"
SET_UP: Final = "set_up"
OWN_TITLES: Final[Mapping[str, str]] = {LOGGED_IN: "登录", LOGGED_OUT: "退出登录", SET_UP: "设置密码和验证码"}
"""What operators do for themselves, which needs no permission."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation. `member_id` is 0 for what concerns no member; `before` and `after` hold what changed, as JSON values."""

    at: datetime
    operator: str
    role: Role
    origin: str
    action: str
    subject: str = ""
    member_id: int = 0
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    id: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    @property
    def label(self) -> str:
        """What was done, in Chinese."""
        return OWN_TITLES.get(self.action) or Action(self.action).label

    @property
    def role_name(self) -> str:
        """The role in which it was done, in Chinese."""
        return ROLE_NAMES[self.role]


class After(NamedTuple):
    """The last row of a page; the next page begins below it."""

    at: datetime
    member_id: int
    id: str


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a page of the log is limited to; None for no limit. From `since` on, before `until`."""

    operator: str | None = None
    action: str | None = None
    member_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING: Final = Filters()


async def note(connection: asyncpg.Connection, operation: Operation) -> None:
    """Add a row, in the transaction of the change."""
    await connection.execute(
        INSERT, operation.member_id, operation.id, operation.at, operation.operator, operation.role, operation.origin,
        operation.action, operation.subject, _json(operation.before), _json(operation.after), operation.reason,
    )  # fmt: skip


async def list_operations(
    pool: asyncpg.Pool, filters: Filters = EVERYTHING, after: After | None = None, *, limit: int = 50
) -> list[Operation]:
    """A page of the log, newest first, below the row `after`."""
    wanted = [(name, getattr(filters, name)) for name in CONDITIONS if getattr(filters, name) is not None]
    where = [CONDITIONS[name].format(f"${place}") for place, (name, _) in enumerate(wanted, 1)]
    values = [value for _, value in wanted]
    if after is not None:
        where.append(BELOW.format(*(f"${len(values) + place}" for place in (1, 2, 3))))
        values += after
    statement = SELECT.format(where=" AND ".join(where) or "true", limit=int(limit))
    rows = await pool.fetch(statement, *values)
    return [_operation(row) for row in rows]


def _operation(row: asyncpg.Record) -> Operation:
    values = dict(row)
    jsons = {name: orjson.loads(values.pop(name)) for name in ("before", "after")}
    return Operation(**values, **jsons)


def _json(values: Mapping[str, Any]) -> str:
    return orjson.dumps(values).decode()
