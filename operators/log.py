"""The operation log: one row for each write of an operator, in the transaction of the change. `operation_log` reads it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import asyncpg
import orjson

from operators.roles import ROLE_NAMES, Action, Role

INSERT: Final = """
INSERT INTO operation (member_id, id, at, operator, role, origin, action, subject, before, after, reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::jsonb, $10::text::jsonb, $11)
"""
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


async def note(connection: asyncpg.Connection, operation: Operation) -> None:
    """Add a row, in the transaction of the change."""
    await connection.execute(
        INSERT, operation.member_id, operation.id, operation.at, operation.operator, operation.role, operation.origin,
        operation.action, operation.subject, _json(operation.before), _json(operation.after), operation.reason,
    )  # fmt: skip


def _json(values: Mapping[str, Any]) -> str:
    return orjson.dumps(values).decode()
