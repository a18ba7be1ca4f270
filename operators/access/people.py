"""Operators: adding, listing, disabling and enabling them, and giving them a new one-time password."""

import re
import unicodedata
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import asyncpg

from operators import sessions
from operators.access import passwords
from operators.access.guard import forget
from operators.roles import ROLE_NAMES, ROLES, Action, Operator, Role

if TYPE_CHECKING:
    from operators.desk import Desk

NAME: Final = re.compile(r"[^\W_][\w·.\-]{0,19}")
STORE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
ONCE_VALID: Final = timedelta(days=3)
"""How long a one-time password can be used."""

INSERT: Final = """
INSERT INTO operator (name, role, store, password_hash, once_until, created_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (lower(name)) DO NOTHING RETURNING operator_id
"""
SELECT: Final = "SELECT operator_id, name, role, store, once_until, created_at, disabled_at FROM operator"
BY_NAME: Final = f"{SELECT} WHERE lower(name) = lower($1)"
BY_ID: Final = f"{SELECT} WHERE operator_id = $1"
ALL: Final = f"{SELECT} ORDER BY operator_id"
ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('jifen: operators'))"
OTHER_OWNERS: Final = """
SELECT operator_id FROM operator WHERE role = 'owner' AND disabled_at IS NULL ORDER BY operator_id
"""
DISABLE: Final = "UPDATE operator SET disabled_at = $2 WHERE operator_id = $1 AND disabled_at IS NULL"
ENABLE: Final = "UPDATE operator SET disabled_at = NULL WHERE operator_id = $1"
RESET: Final = """
UPDATE operator SET password_hash = $2, once_until = $3, totp_sealed = NULL, totp_key_id = NULL WHERE operator_id = $1
"""


class OperatorFault(ValueError):
    """What is asked about an operator cannot be; the message is one Chinese sentence."""


class Listed(NamedTuple):
    """An operator in a list. `once_until`: they have not set a password yet, and can do so until then."""

    operator: Operator
    created_at: datetime
    once_until: datetime | None
    disabled_at: datetime | None


async def add_operator(desk: "Desk", name: str, role: str, store: str | None = None) -> str:
    """Add an operator; returns their one-time password. Raises NotAllowed, and OperatorFault for a bad name, role or store."""
    await desk.require(Action.OPERATORS)
    name, store = unicodedata.normalize("NFKC", name).strip(), (store or "").strip() or None
    _check(name, role, store)
    once = passwords.one_time_password()
    stored = await passwords.hashed(once)
    now = desk.now()

    async def add(connection: asyncpg.Connection) -> None:
        values = name, role, store, stored, now + ONCE_VALID, now
        if await connection.fetchval(INSERT, *values) is None:
            raise OperatorFault(f"已经有名为「{name}」的操作员。")
        await desk.note(
            connection, Action.OPERATORS, name, after={"does": "add", "role": role, "store": store}
        )

    await desk.change(add)
    return once


async def list_operators(pool: asyncpg.Pool) -> list[Listed]:
    """All operators, disabled ones included, oldest first."""
    return [_listed(row) for row in await pool.fetch(ALL)]


async def operator_by_id(pool: asyncpg.Pool, operator_id: int) -> Operator | None:
    """The operator as they are now; None for an unknown or a disabled one."""
    row = await pool.fetchrow(BY_ID, operator_id)
    return None if row is None or row["disabled_at"] is not None else _listed(row).operator


async def disable_operator(desk: "Desk", name: str, reason: str = "") -> None:
    """Refuse an operator from now on, and end their sessions. Raises NotAllowed and OperatorFault."""
    await desk.require(Action.OPERATORS)

    async def disable(connection: asyncpg.Connection) -> None:
        await connection.execute(ONE_AT_A_TIME)  # two owners may disable each other at the same time
        operator_id = (await _find(connection, name)).operator.operator_id
        if {row["operator_id"] for row in await connection.fetch(OTHER_OWNERS)} == {operator_id}:
            raise OperatorFault("这是唯一的老板账号，停用之后就没有人能管理操作员了。")
        await connection.execute(DISABLE, operator_id, desk.now())
        await sessions.end_sessions_of(connection, operator_id, desk.now())
        await desk.note(connection, Action.OPERATORS, name, after={"does": "disable"}, reason=reason)

    await desk.change(disable)


async def enable_operator(desk: "Desk", name: str, reason: str = "") -> None:
    """Let a disabled operator, or one who is locked out, log in again. Raises NotAllowed and OperatorFault."""
    await desk.require(Action.OPERATORS)

    async def enable(connection: asyncpg.Connection) -> None:
        await connection.execute(ENABLE, (await _find(connection, name)).operator.operator_id)
        await forget(connection, name)
        await desk.note(connection, Action.OPERATORS, name, after={"does": "enable"}, reason=reason)

    await desk.change(enable)


async def reset_operator(desk: "Desk", name: str, reason: str = "") -> str:
    """Give an operator a new one-time password, which is returned; their password, secret and sessions end.

    Raises NotAllowed and OperatorFault.
    """
    await desk.require(Action.OPERATORS)
    once = passwords.one_time_password()
    change = partial(_reset, desk=desk, name=name, stored=await passwords.hashed(once), reason=reason)
    await desk.change(change)
    return once


async def end_all_sessions(desk: "Desk", name: str, reason: str = "") -> None:
    """End all sessions of an operator, who may log in again. Safe to repeat. Raises NotAllowed and OperatorFault."""
    await desk.require(Action.OPERATORS)

    async def end(connection: asyncpg.Connection) -> None:
        operator_id = (await _find(connection, name)).operator.operator_id
        await sessions.end_sessions_of(connection, operator_id, desk.now())
        await desk.note(connection, Action.OPERATORS, name, after={"does": "end_sessions"}, reason=reason)

    await desk.change(end)


async def _reset(
    connection: asyncpg.Connection, *, desk: "Desk", name: str, stored: str, reason: str
) -> None:
    operator_id = (await _find(connection, name)).operator.operator_id
    await connection.execute(RESET, operator_id, stored, desk.now() + ONCE_VALID)
    await sessions.end_sessions_of(connection, operator_id, desk.now())
    await forget(connection, name)
    await desk.note(connection, Action.OPERATORS, name, after={"does": "reset"}, reason=reason)


async def _find(connection: asyncpg.Connection, name: str) -> Listed:
    row = await connection.fetchrow(BY_NAME, name.strip())
    if row is None:
        raise OperatorFault(f"没有名为「{name}」的操作员。")
    return _listed(row)


def _listed(row: asyncpg.Record) -> Listed:
    role = cast("Role", row["role"])
    operator = Operator(row["operator_id"], row["name"], role, row["store"])
    return Listed(operator, row["created_at"], row["once_until"], row["disabled_at"])


def _check(name: str, role: str, store: str | None) -> None:
    if not NAME.fullmatch(name):
        raise OperatorFault("操作员的名字应为 1 到 20 个汉字、字母或数字，不含空格，例如「小王」。")
    if role not in ROLES:
        roles = "、".join(f"{code}（{title}）" for code, title in ROLE_NAMES.items())
        raise OperatorFault(f"没有「{role}」这个角色，可以选：{roles}。")
    if role == "clerk" and store is None:
        raise OperatorFault("店员要写明是哪个门店的（门店编号）。")
    if role != "clerk" and store is not None:
        raise OperatorFault("只有店员属于一个门店，别的角色不用写门店。")
    if store is not None and not STORE.fullmatch(store):
        raise OperatorFault("门店编号应为小写字母、数字、连字符或下划线，例如 sh-01。")
