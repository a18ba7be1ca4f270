"""Withdrawing a scheduled rule version before it takes effect. The version stays stored, and a row says who withdrew it and why."""

from datetime import datetime, timedelta
from typing import Final

import asyncpg

from loyalty.engine.engine import Engine
from loyalty.programme.files.reading import NotPublished
from loyalty.programme.publishing.publication import programme_of

MARGIN: Final = timedelta(minutes=1)
"""A version is withdrawn at least so long before it takes effect. A batch of the engine reads the rules without a lock, so a
withdrawal that commits after the instant could come too late for it; no transaction takes as long as this margin.
"""
SELECT_VERSION: Final = """
SELECT v.effective_from, w.withdrawn_at, w.withdrawn_by, w.reason
FROM rule_version v LEFT JOIN rule_withdrawal w ON w.version = v.id WHERE v.id = $1
"""
INSERT_WITHDRAWAL: Final = "INSERT INTO rule_withdrawal VALUES ($1, $2, $3, $4, $5)"


class UnknownVersion(NotPublished):
    """No version has this number."""


class NotWithdrawn(NotPublished):
    """The version is in force, was in force, takes effect within MARGIN, or was withdrawn before."""


async def withdraw(engine: Engine, version: int, *, by: str, reason: str) -> None:
    """Withdraw a scheduled version. Raises UnknownVersion, NotWithdrawn and EngineUnavailable."""
    trace = engine.clock.now(), by, reason
    await engine.transact(lambda connection: withdraw_within(connection, engine, version, trace))


async def withdraw_within(
    connection: asyncpg.Connection, engine: Engine, version: int, trace: tuple[datetime, str, str]
) -> None:
    """Withdraw a version in the caller's transaction; `trace` is when, by whom and why. Raises as `withdraw`."""
    now = await programme_of(engine).lock(connection)
    row = await connection.fetchrow(SELECT_VERSION, version)
    if row is None:
        raise UnknownVersion(f"没有第 {version} 版规则。")
    begins, *stored = row
    if tuple(stored) == trace:
        return  # an earlier attempt was committed, although its answer was lost
    if stored[0] is not None:
        raise NotWithdrawn(f"第 {version} 版早已撤回。")
    if begins <= now:
        raise NotWithdrawn(f"第 {version} 版已经生效，不能撤回了。要改，请发布新的一版。")
    if begins - now < MARGIN:
        raise NotWithdrawn(f"第 {version} 版马上就要生效，来不及撤回了。等它生效后，再发布新的一版。")
    await connection.execute(INSERT_WITHDRAWAL, version, begins, *trace)
