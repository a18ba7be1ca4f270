"""Adjusting points by hand. What is above the limit of one person and day waits for a second person (`decisions.deciding`)."""

import secrets
from dataclasses import dataclass

from loyalty.adjustments.commands import MOST_POINTS, OPERATOR, AdjustPoints
from loyalty.adjustments.outcomes import AboveLimit
from loyalty.engine.outcomes import Outcome
from loyalty.ledger.words import number
from operators.approvals.asking import ask
from operators.approvals.rows import Approval
from operators.desk import Desk
from operators.members.running import run
from operators.reasons import BadText, checked_reason
from operators.roles import Action, may


@dataclass(frozen=True)
class WaitsForSecond:
    """The adjustment is above the limit: it waits for a second person, and nothing has moved yet."""

    approval_id: str
    limit: AboveLimit


async def adjust(
    desk: Desk, member_id: int, points: int, reason: str, *, ticket: str = "", may_owe: bool = False
) -> Outcome | WaitsForSecond:
    """Add points, or take them away if negative; the member reads the reason. A `ticket` is adjusted for once.

    Raises NotAllowed, BadText and EngineUnavailable.
    """
    await desk.require(Action.ADJUST)
    reason, ticket = checked_reason(reason), ticket.strip()
    if not 1 <= abs(points) <= MOST_POINTS:
        raise BadText(f"调整的积分应为 1 到 {number(MOST_POINTS)}，或者同样范围的负数。")
    limit = (
        None if may(desk.operator.role, Action.ADJUST_ABOVE_LIMIT) else desk.resources.settings.adjust_limit
    )
    outcome = await run(
        desk, AdjustPoints, member_id, points=points, reason=reason, ticket=ticket or secrets.token_urlsafe(9),
        may_owe=may_owe, limit=limit,
    )  # fmt: skip
    if not isinstance(outcome, AboveLimit):
        return outcome
    facts = {"points": points, "ticket": ticket, "may_owe": may_owe}
    asked = await ask(desk, Action.ADJUST, member_id=member_id, facts=facts, reason=reason)
    return WaitsForSecond(asked.id, outcome)


async def carry_out(desk: Desk, approval: Approval) -> Outcome:
    """The adjustment that a second person, at `desk`, has approved. Safe to repeat. Raises EngineUnavailable."""
    engine, facts = desk.resources.engine, approval.facts
    command = AdjustPoints(
        member_id=approval.member_id, request_key=f"approval:{approval.id}", at=engine.clock.now(), actor=OPERATOR,
        by=approval.asked_name, role=approval.asked_role, origin=approval.asked_origin, approved_by=approval.decided_name,
        points=facts["points"], may_owe=facts["may_owe"], ticket=facts["ticket"] or approval.id, reason=approval.reason,
    )  # fmt: skip
    return (await engine.run(command)).outcome
