"""Deeds around versions of the rules. Drafts have a file of their own (`drafts`)."""

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from loyalty.programme.draft import Draft
from loyalty.programme.publication import programme_of
from loyalty.programme.rules import RuleSet
from loyalty.programme.withdrawal import withdraw_within
from operators.desk import Desk
from operators.roles import Action, NotAllowed, may

LOSSES = "SELECT losses <> '[]' FROM rule_version WHERE id = $1"


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A whole rule set to publish, as from a file; the fields are those of `loyalty.programme.draft.Draft`."""

    rules: RuleSet
    base: int
    reason: str
    effective_from: datetime | None = None
    until_replaced: bool = False
    urgent: bool = False
    transition_until: date | None = None


async def publish_rules(desk: Desk, asked: Publication) -> int:
    """Publish a rule set; its version.

    Raises what `Programme.publish` raises, and NotAllowed, also for a version that makes something worse where the operator may not
    publish such alone.
    """
    await desk.require(Action.PUBLISH_RULES)
    now = desk.now()
    draft = Draft(
        asked.rules, asked.base, asked.effective_from or now, desk.operator.name, asked.reason, asked.until_replaced,
        asked.urgent, asked.transition_until,
    )  # fmt: skip

    async def publish(connection: asyncpg.Connection) -> int:
        version = await programme_of(desk.resources.engine).publish(connection, draft, now)
        is_worse = await connection.fetchval(LOSSES, version)
        if is_worse and not may(desk.operator.role, Action.PUBLISH_UNFAVOURABLE):
            raise NotAllowed("这次改动有对会员不利的地方，要由老板发布。")
        after = {"version": version, "urgent": asked.urgent}
        await desk.note(
            connection, Action.PUBLISH_RULES, f"第 {version} 版", before={"version": asked.base}, after=after,
            reason=asked.reason,
        )  # fmt: skip
        return version

    return await desk.change(publish)


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
