"""Logging in by name, password and code. The first log-in, by a one-time password, sets a password and a TOTP secret up.

A refusal tells nothing of what was wrong, and one of an unknown name takes as long as one of a wrong password.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, cast

import asyncpg

from base.sealing import Keyring, Sealed
from loyalty.engine.transactions import retried
from operators import log, sessions
from operators.access import guard, passwords, totp
from operators.roles import Operator, Role

SELECT: Final = """
SELECT operator_id, name, role, store, password_hash, once_until, totp_sealed, totp_key_id FROM operator
WHERE lower(name) = lower($1) AND disabled_at IS NULL
"""
SEALED_OF: Final = "SELECT totp_sealed, totp_key_id FROM operator WHERE operator_id = $1"
TAKE_CODE: Final = (
    "UPDATE operator SET totp_step = $2 WHERE operator_id = $1 AND totp_step < $2 RETURNING operator_id"
)
BEGIN_SETTING_UP: Final = """
UPDATE operator SET totp_sealed = $2, totp_key_id = $3, totp_step = 0 WHERE operator_id = $1 AND once_until > $4
RETURNING operator_id
"""
SET_UP: Final = """
UPDATE operator SET password_hash = $2, once_until = NULL, totp_step = $3
WHERE operator_id = $1 AND once_until IS NOT NULL AND totp_sealed = $4 RETURNING operator_id
"""
WRONG: Final = "名字、密码或验证码不对。每个验证码只能用一次，用过了请等下一个。"
ONCE_OVER: Final = "这个一次性密码已经过期，请让老板重新生成。"
NOT_SETTING_UP: Final = "设置时间过了，请用一次性密码重新登录。"
WRONG_CODE: Final = "验证码不对，请看看手机的时间准不准，再输入新的验证码。"


@dataclass(frozen=True)
class LoggedIn:
    """The operator is logged in; `token` goes into the cookie."""

    token: str = field(repr=False)
    operator: Operator


@dataclass(frozen=True)
class MustSetUp:
    """The one-time password was right: `token` allows `set_up` alone. `secret` is for the authenticator app, as is `address`."""

    token: str = field(repr=False)
    operator: Operator
    secret: str = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True)
class LoginRefused:
    """A Chinese sentence for whoever wants to log in; `wait` is how long no further attempt is looked at."""

    sentence: str
    wait: timedelta | None = None


async def log_in(
    pool: asyncpg.Pool, keyring: Keyring, name: str, password: str, code: str, now: datetime, origin: str
) -> LoggedIn | MustSetUp | LoginRefused:
    """Log an operator in. `code` is not looked at with a one-time password. Raises KeyMissing, and what the database raises."""
    wait = await guard.begin_attempt(pool, name, origin, now)
    if wait is not None:
        return LoginRefused(f"试错的次数太多，请 {_in_words(wait)}后再试。", wait)
    row = await pool.fetchrow(SELECT, name.strip())
    if not await passwords.matches(row and row["password_hash"], password) or row is None:
        return LoginRefused(WRONG)
    if row["once_until"] is not None:
        return await _begin_setting_up(pool, keyring, row, now, origin)
    step = _step(keyring, row, code, now)
    if step is None:
        return LoginRefused(WRONG)

    async def log_in_with(connection: asyncpg.Connection) -> LoggedIn | LoginRefused:
        if await connection.fetchval(TAKE_CODE, row["operator_id"], step) is None:
            return LoginRefused(WRONG)
        return await _begin(connection, _operator(row), log.LOGGED_IN, now, origin)

    return await retried(pool, log_in_with)


async def set_up(
    pool: asyncpg.Pool, keyring: Keyring, token: str, password: str, code: str, now: datetime, origin: str
) -> LoggedIn | LoginRefused:
    """Set the password, once the app shows the right code; the operator is then logged in. Raises as `log_in`."""
    operator = await sessions.find_setting_up(pool, token, now)
    if operator is None:
        return LoginRefused(NOT_SETTING_UP)
    if fault := passwords.fault_of(password, operator.name):
        return LoginRefused(fault)
    row = await pool.fetchrow(SEALED_OF, operator.operator_id)
    if row is None or row["totp_sealed"] is None:
        return LoginRefused(NOT_SETTING_UP)
    step = _step(keyring, {**row, "operator_id": operator.operator_id}, code, now)
    if step is None:
        return LoginRefused(WRONG_CODE)
    stored = await passwords.hashed(password)

    async def keep(connection: asyncpg.Connection) -> LoggedIn | LoginRefused:
        values = operator.operator_id, stored, step, row["totp_sealed"]
        if await connection.fetchval(SET_UP, *values) is None:
            return LoginRefused(NOT_SETTING_UP)
        await sessions.end_sessions_of(connection, operator.operator_id, now)
        return await _begin(connection, operator, log.SET_UP, now, origin)

    return await retried(pool, keep)


async def log_out(pool: asyncpg.Pool, token: str, now: datetime, origin: str) -> None:
    """End a session by its token, with a row in the log. Safe to repeat."""
    operator = await sessions.find_session(pool, token, now)

    async def end(connection: asyncpg.Connection) -> None:
        await sessions.end_session(connection, token, now)
        if operator is not None:
            await _note(connection, operator, log.LOGGED_OUT, now, origin)

    await retried(pool, end)


async def _begin_setting_up(
    pool: asyncpg.Pool, keyring: Keyring, row: asyncpg.Record, now: datetime, origin: str
) -> MustSetUp | LoginRefused:
    """Store a fresh TOTP secret; with two log-ins at once the later one's is the one that counts."""
    operator, secret = _operator(row), totp.new_secret()
    sealed = totp.seal(keyring, operator.operator_id, secret)

    async def begin(connection: asyncpg.Connection) -> MustSetUp | LoginRefused:
        values = operator.operator_id, sealed.sealed, sealed.key_id, now
        if await connection.fetchval(BEGIN_SETTING_UP, *values) is None:
            return LoginRefused(ONCE_OVER)
        await guard.succeed(connection, operator.name, origin, now)
        token = await sessions.begin_session(connection, operator.operator_id, origin, now, sets_up=True)
        return MustSetUp(token, operator, secret, totp.address(secret, operator.name))

    return await retried(pool, begin)


async def _begin(
    connection: asyncpg.Connection, operator: Operator, action: str, now: datetime, origin: str
) -> LoggedIn:
    await guard.succeed(connection, operator.name, origin, now)
    token = await sessions.begin_session(connection, operator.operator_id, origin, now)
    await _note(connection, operator, action, now, origin)
    return LoggedIn(token, operator)


async def _note(
    connection: asyncpg.Connection, operator: Operator, action: str, now: datetime, origin: str
) -> None:
    await log.note(
        connection,
        log.Operation(at=now, operator=operator.name, role=operator.role, origin=origin, action=action),
    )


def _step(keyring: Keyring, row: asyncpg.Record | dict[str, object], code: str, now: datetime) -> int | None:
    sealed = Sealed(cast("str", row["totp_key_id"]), cast("bytes", row["totp_sealed"]))
    return totp.step_of(totp.unseal(keyring, cast("int", row["operator_id"]), sealed), code, now)


def _operator(row: asyncpg.Record) -> Operator:
    return Operator(row["operator_id"], row["name"], cast("Role", row["role"]), row["store"])


def _in_words(wait: timedelta) -> str:
    seconds = int(wait.total_seconds()) or 1
    return f"{seconds} 秒" if seconds < 60 else f"{-(-seconds // 60)} 分钟"
