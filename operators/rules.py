"""Deeds around versions of the rules."""

import asyncpg

from loyalty.programme.withdrawal import withdraw_within
from operators.desk import Desk
from operators.roles import Action


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
