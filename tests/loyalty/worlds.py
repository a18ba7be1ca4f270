"""A small programme in which every table has rows, for tests that tamper with all of them."""

from datetime import date, timedelta
from typing import Any

from loyalty.adjustments.commands import AdjustPoints
from loyalty.cases.commands import DecideCase, OpenCase
from loyalty.cases.outcomes import CaseOpened
from loyalty.changes import SETTLED_AFTER
from loyalty.checkin.commands import CheckIn
from loyalty.checkin.repair.commands import RepairCheckIn
from loyalty.deductions.commands import CaptureHold, HoldPoints
from loyalty.deductions.outcomes import PointsHeld
from loyalty.earning.commands import RecordEvent, RecordRefund, event_request_key
from loyalty.expiry.commands import WarnExpiry
from loyalty.games.commands import Draw
from loyalty.merging.run import merge
from loyalty.numbers.feed import advance, editions
from loyalty.operations.commands import GivenBy
from loyalty.polls.commands import Vote
from loyalty.programme.publishing.publication import publish
from loyalty.programme.publishing.withdrawal import withdraw
from loyalty.programme.rules import RuleSet
from loyalty.referral.commands import BindReferral
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import Redeemed
from tests.ledger import DAY_S, Ledger, rules_with

OTHERS = (
    "INSERT INTO contact (member_id, following, changed_at) VALUES (1, true, now())",
    "INSERT INTO consent (member_id, template_id, granted, changed_at) VALUES (1, 't', 1, now())",
    "INSERT INTO session (token_hash, member_id, created_at, expires_at) VALUES (sha256('t'), 1, now(), now())",
    "INSERT INTO consent_withdrawal VALUES (1, 'k', 'user_authorization_revoke', '1', now())",
    "INSERT INTO wechat_fault (target, api, since, probe_at) VALUES ('t', 'a', now(), now())",
    "INSERT INTO job_run VALUES ('audit', now())",
    "INSERT INTO installation VALUES (1, 'wx_oa', 'wx_mini', 'Asia/Shanghai', false, now(), 'test')",
    "INSERT INTO late_reply (message_key, push, received_at, due_at, state) VALUES ('k', '{}', now(), now(), 'sent')",
)
"""Rows of tables that no command writes."""


async def busy_world(ledger: Ledger, *, counted: bool = True) -> None:
    """Member 1 has done everything there is, member 2 came by their invitation, member 3 only joined.

    `counted`: the daily facts have counted all of it.
    """
    referral = {
        "enabled": True,
        "inviter_points": 50,
        "friend_points": 20,
        "ladder": [{"qualified": 1, "bonus": 5}],
    }
    mission = {"id": "sign", "name": "签到任务", "steps": [{"check_in": 1}], "reward": {"points": 5}}
    options = [{"id": "a", "name": "甲"}, {"id": "b", "name": "乙"}]
    poll = {"id": "taste", "title": "口味", "points": 3, "options": options}
    spend = {
        "id": "spend", "name": "消费返积分", "on": "purchase", "award": {"points": 1, "per_fen": 100},
        "growth": {"points": 2, "per_fen": 100}, "budget": {"per_day": 1000},
    }  # fmt: skip
    tiers = [{"id": f"t{growth}", "name": "级", "growth": growth} for growth in (0, 300, 520)]
    parts: dict[str, Any] = {
        "repair": {"price_points": 20}, "deductions": {"points_per_yuan": 100}, "missions": [mission], "tiers": tiers,
        "polls": [poll], "tier_review": {"by": "never"}, "earning": [spend],
    }  # fmt: skip
    rules = rules_with(welcome={"points": 500}, expiry={"months": 1}, referral=referral, **parts)
    await ledger.publish(rules)
    inviter, friend, _ = await ledger.member(), await ledger.member(), await ledger.member()
    await ledger.run(BindReferral, friend, inviter_id=inviter)
    await ledger.run(CheckIn, friend)
    await ledger.run(Vote, friend, poll="taste", option="a")
    for _ in range(3):
        await ledger.run(CheckIn, inviter)
        await ledger.run(Draw, inviter, wheel="lucky", count=3)
        ledger.clock.advance(DAY_S)
    await ledger.run(CheckIn, inviter)
    ledger.clock.advance(2 * DAY_S)
    await ledger.run(CheckIn, inviter)
    missed = today(ledger) - timedelta(days=1)
    repaired = await ledger.run(RepairCheckIn, inviter, day=missed, price_points=20)
    assert repaired.outcome.code == "check_in_repaired", repaired
    await ledger.run(Redeem, inviter, reward="cookie", as_shown=True)
    bought = (await ledger.run(Redeem, inviter, reward="cookie")).outcome
    assert isinstance(bought, Redeemed)
    await ledger.run(Cancel, inviter, receipt_no=bought.receipt_no, line=0)
    await ledger.run(Redeem, inviter, reward="class")
    held = (
        await ledger.run(HoldPoints, friend, order="a1", store="sh-01", amount_fen=100, points=10)
    ).outcome
    assert isinstance(held, PointsHeld)
    await ledger.run(CaptureHold, friend, hold=held.hold, points=4)
    till = {"source": "till", "store": "jingan"}
    order: dict[str, Any] = {"kind": "purchase", "order": "o1", "amount_fen": 8880, "channel": "pos"}
    await ledger.run(RecordEvent, friend, event_request_key("till", "e1"), event="e1", **order, **till)
    back: dict[str, Any] = {"refund_of": "o1", "amount_fen": 1000}
    await ledger.run(RecordRefund, friend, event_request_key("till", "r1"), event="r1", **back, **till)
    ledger.clock.advance(40 * DAY_S)
    await ledger.run(WarnExpiry, inviter)
    given = GivenBy("小王", "operations", "203.0.113.7")
    adjust: dict[str, Any] = given._asdict() | {"actor": "operator", "reason": "a test"}
    await ledger.run(AdjustPoints, friend, points=3, ticket="T1", limit=10, **adjust)
    both = await ledger.member(), await ledger.member()
    await merge(ledger.engine, both, actor="operator", reason="a test", given=given)
    opened = (await ledger.run(OpenCase, both[0], cause="usual", found=10, bound=1, source=1)).outcome
    assert isinstance(opened, CaseOpened)
    await ledger.run(DecideCase, both[0], case=opened.case, release=True, **adjust)
    await withdrawn_version(ledger, rules)
    await ledger.pool.execute("UPDATE notice SET state = 'sent'")
    for statement in OTHERS:
        await ledger.pool.execute(statement)
    if counted:
        await count_everything(ledger)


async def count_everything(ledger: Ledger) -> None:
    """Let the daily facts count all receipts there are."""
    settled = ledger.clock.now() + SETTLED_AFTER + timedelta(seconds=1)
    for edition in await editions(ledger.pool):
        while (await advance(ledger.pool, edition, settled, ledger.zone)).receipts:
            continue


async def withdrawn_version(ledger: Ledger, rules: RuleSet) -> None:
    """Publish a version for tomorrow, and withdraw it."""
    changed = rules.model_copy(update={"welcome": rules.welcome.model_copy(update={"points": 7})})
    tomorrow = ledger.clock.now() + timedelta(days=1)
    version = await publish(
        ledger.engine, changed, base=2, by="test", reason="a test", effective_from=tomorrow, urgent=True
    )
    await withdraw(ledger.engine, version, by="test", reason="a test")


def today(ledger: Ledger) -> date:
    """The business day of the ledger's clock."""
    return ledger.clock.now().astimezone(ledger.zone).date()
