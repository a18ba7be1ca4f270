"""Versions of the rules: publishing one and withdrawing one. Whose publication needs a second person is decided here."""

import json
from datetime import datetime

import asyncpg

from loyalty.programme.publishing.draft import Draft
from loyalty.programme.publishing.publication import programme_of
from loyalty.programme.publishing.withdrawal import withdraw_within
from operators.desk import Desk
from operators.roles import Action, NotAllowed, may

LOSSES = "SELECT losses::text FROM rule_version WHERE id = $1"


class NeedsSecond(NotAllowed):
    """The operator may not publish alone what makes something worse for members; `losses` says what."""

    def __init__(self, losses: list[str]) -> None:
        super().__init__("这次改动有对会员不利的地方，要由另一个人批准。")
        self.losses = losses


async def publish_within(desk: Desk, connection: asyncpg.Connection, draft: Draft, now: datetime) -> int:
    """Publish a draft in the caller's transaction, with its row in the operation log; its version.

    Raises what `Programme.publish` raises, NotAllowed where the operator may not publish urgently, and NeedsSecond where they may
    not publish alone what makes something worse than the version that it follows on its day. The transaction must then end.
    """
    alone = may(desk.operator.role, Action.PUBLISH_UNFAVOURABLE)
    if draft.urgent and not alone:
        raise NotAllowed("只有老板能按「法律要求，立即生效」发布。")
    version = await store_within(desk, connection, draft, now)
    if not alone and (losses := await losses_of(connection, version)):
        raise NeedsSecond(losses)
    return version


async def store_within(
    desk: Desk, connection: asyncpg.Connection, draft: Draft, now: datetime, *, approval: str = ""
) -> int:
    """Publish a draft that the operator may publish, or that has this approval. Raises what `Programme.publish` raises."""
    version = await programme_of(desk.resources.engine).publish(connection, draft, now)
    after = {
        "version": version,
        "effective_from": f"{draft.effective_from:%Y-%m-%d %H:%M}",
        "urgent": draft.urgent,
    }
    await desk.note(
        connection, Action.PUBLISH_RULES, f"第 {version} 版", before={"version": draft.base},
        after=after | ({"approval": approval} if approval else {}), reason=draft.reason,
    )  # fmt: skip
    return version


async def losses_of(connection: asyncpg.Connection, version: int) -> list[str]:
    """What a stored version makes worse for members, a Chinese line each."""
    found: list[str] = json.loads(await connection.fetchval(LOSSES, version))
    return found


async def withdraw_version(desk: Desk, version: int, reason: str) -> None:
    """Withdraw a version that is not in force yet. Raises NotAllowed, and NotPublished for one that cannot be withdrawn."""
    await desk.require(Action.PUBLISH_RULES)
    trace = desk.now(), desk.operator.name, reason

    async def withdraw(connection: asyncpg.Connection) -> None:
        await withdraw_within(connection, desk.resources.engine, version, trace)
        await desk.note(
            connection, Action.PUBLISH_RULES, f"第 {version} 版", after={"does": "withdraw"}, reason=reason
        )

    await desk.change(withdraw)
