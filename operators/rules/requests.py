"""A request to publish rules that make something worse for members: what was asked for, and its publication once approved.

A request holds the rules themselves. What was asked for is what is published, whatever becomes of the draft meanwhile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

import asyncpg
from pydantic import TypeAdapter

from loyalty.engine.outcomes import Outcome
from loyalty.programme.comparing.favour import NOTICE
from loyalty.programme.files.reading import NotPublished
from loyalty.programme.publishing.draft import Draft, local
from loyalty.programme.rules import RuleSet
from operators.approvals.asking import VALID, ApprovalFault, asked_at, keep
from operators.approvals.rows import Approval
from operators.desk import Desk
from operators.roles import Action
from operators.rules.drafting import empty
from operators.rules.drafts import body_of, checked
from operators.rules.versions import losses_of, store_within

TIME_TO_DECIDE: Final = timedelta(hours=1)
ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtext('jifen: requests to publish'))"
SAME: Final = """
SELECT asked_name FROM approval WHERE state = 'asked' AND expires_at > $1 AND action = 'publish_rules'
AND facts ->> 'digest' = $2 AND facts ->> 'effective_from' = $3
"""
WAITING: Final = """
SELECT id, asked_name, facts ->> 'digest' AS digest FROM approval
WHERE state = 'asked' AND expires_at > $1 AND action = 'publish_rules' ORDER BY asked_at, id
"""


@dataclass(frozen=True)
class RuleRequest:
    """What was asked for, as an approval stores it: `rules` is their JSON value without defaults, `digest` that of the rules.

    `losses` is what gets worse, `figures` the lines of the asker's back-test, `sections` those of the draft with their editions.
    """

    digest: str
    base: int
    effective_from: datetime
    until_replaced: bool
    transition_until: date | None
    losses: list[str]
    sections: dict[str, int]
    rules: dict[str, Any] = field(default_factory=dict)
    figures: list[str] = field(default_factory=list)

    def rule_set(self) -> RuleSet:
        """The rules, checked again as a draft is. Raises ApprovalFault if this program would not publish just these."""
        rules, _ = checked(self.rules)
        if rules is None or rules.digest != self.digest:
            raise ApprovalFault("程序在申请以后升级过，这份规则现在的意思不同了。请驳回，让申请人重新申请。")
        return rules


_STORED: Final = TypeAdapter(RuleRequest)


@dataclass(frozen=True)
class RulesPublished(Outcome):
    """The approved rules are published as a version."""

    code = "rules_published"
    version: int
    effective_from: datetime


def request_in(approval: Approval) -> RuleRequest:
    """The request that an approval of the kind `publish_rules` stores. One from a list lacks its rules and figures."""
    return _STORED.validate_python(approval.facts)


async def ask_to_publish(
    desk: Desk, draft: Draft, losses: list[str], sections: Mapping[str, int], figures: Sequence[str]
) -> Approval:
    """Ask for a second person, who must decide while members can still be told NOTICE before the rules take effect.

    Raises NotPublished if there is too little time for that or the same waits already, and EngineUnavailable.
    """
    now, zone = desk.now(), desk.resources.settings.timezone
    last = min(now + VALID, draft.effective_from - NOTICE)
    if last - now < TIME_TO_DECIDE:
        earliest = local(now + NOTICE + TIME_TO_DECIDE + timedelta(minutes=5), zone)
        raise NotPublished(
            f"这次改动要由另一个人批准，批准以后还要提前 {NOTICE.days} 天公布，来不及。请把生效时间放到 {earliest} 以后。"
        )
    request = RuleRequest(
        draft.rules.digest, draft.base, draft.effective_from, draft.until_replaced, draft.transition_until, losses,
        dict(sections), body_of(draft.rules), list(figures),
    )  # fmt: skip
    facts = _STORED.dump_python(request, mode="json")
    asked = asked_at(desk, Action.PUBLISH_RULES, facts=facts, reason=draft.reason, expires_at=last)

    async def once(connection: asyncpg.Connection) -> Approval:
        await connection.execute(ONE_AT_A_TIME)
        if who := await connection.fetchval(SAME, now, facts["digest"], facts["effective_from"]):
            raise NotPublished(f"{who}已经为同一份规则提出过申请，正在等待批准，不用再申请。")
        return await keep(desk, connection, asked)

    return await desk.change(once)


async def waiting_requests(pool: asyncpg.Pool, now: datetime) -> list[tuple[str, str, str]]:
    """The requests that wait for a second person, oldest first: id, who asked, and the digest of the rules."""
    return [tuple(row) for row in await pool.fetch(WAITING, now)]


async def publish_asked(
    desk: Desk, connection: asyncpg.Connection, approval: Approval, now: datetime
) -> RulesPublished:
    """Publish what was asked for, in the transaction of the decision, by the checks of any publication.

    Raises ApprovalFault where it does not hold any more; the decision is then undone, and the request waits on.
    """
    request = request_in(approval)
    by = f"{approval.asked_name}（{desk.operator.name}批准）"
    draft = Draft(
        request.rule_set(), request.base, request.effective_from, by, approval.reason, request.until_replaced,
        transition_until=request.transition_until,
    )  # fmt: skip
    try:
        version = await store_within(desk, connection, draft, now, approval=approval.id)
    except NotPublished as refused:
        raise ApprovalFault(
            f"{refused}\n没有发布，申请还在等待。可以驳回，请{approval.asked_name}改好以后重新申请。"
        ) from refused
    if await losses_of(connection, version) != request.losses:
        raise ApprovalFault(
            "排定的规则在申请以后变了，对会员不利的地方和申请时不同。没有发布，请驳回，让申请人重新申请。"
        )
    await empty(connection, request.sections)
    return RulesPublished(version, request.effective_from)
