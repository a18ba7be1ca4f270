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
    """Publish a rule set; its version. Raises as `publish_within`."""
    await desk.require(Action.PUBLISH_RULES)
    now = desk.now()
    draft = Draft(
        asked.rules, asked.base, asked.effective_from or now, desk.operator.name, asked.reason, asked.until_replaced,
        asked.urgent, asked.transition_until,
    )  # fmt: skip
    return await desk.change(lambda connection: publish_within(desk, connection, draft, now))


async def publish_within(desk: Desk, connection: asyncpg.Connection, draft: Draft, now: datetime) -> int:
    """Publish a draft in the caller's transaction, with its row in the operation log; its version.

    Raises what `Programme.publish` raises, and NotAllowed where the operator may not publish urgently, or not alone what makes
    something worse than the version that it follows on its day.
    """
    alone = may(desk.operator.role, Action.PUBLISH_UNFAVOURABLE)
    if draft.urgent and not alone:
        raise NotAllowed("只有老板能按「法律要求，立即生效」发布。")
    version = await programme_of(desk.resources.engine).publish(connection, draft, now)
    if not alone and await connection.fetchval(LOSSES, version):
        raise NotAllowed("这次改动有对会员不利的地方，要请老板来发布。")
    after = {
        "version": version,
        "effective_from": f"{draft.effective_from:%Y-%m-%d %H:%M}",
        "urgent": draft.urgent,
    }
    await desk.note(
        connection,
        Action.PUBLISH_RULES,
        f"第 {version} 版",
        before={"version": draft.base},
        after=after,
        reason=draft.reason,
    )
    return version


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
