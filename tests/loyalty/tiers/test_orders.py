"""Tiers and orders: spend drives the ladder, the tier at an event's time counts, and a refund costs what the order had reached."""

from datetime import timedelta
from typing import Any

from loyalty.audit import audit
from loyalty.earning.commands import RecordEvent, RecordRefund
from loyalty.earning.outcomes import EventRecorded
from loyalty.engine.outcomes import Outcome
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

SPANS = "SELECT tier, came_from, why FROM tier_span WHERE member_id = $1 ORDER BY receipt_no"
LINE = {"metric": "spend_fen", "at_least": 50_000, "within": "year"}
KEEP = {"lines": [{"metric": "spend_fen", "at_least": 10_000}]}
RULES: dict[str, Any] = {
    "welcome": {"points": 0},
    "tiers": [
        {"id": "basic", "name": "普通会员", "growth": 0},
        {"id": "gold", "name": "金卡会员", "reach": {"lines": [LINE]}, "keep": KEEP},
    ],
    "tier_review": {"by": "year"},
    "events": [{"id": "purchase", "name": "消费", "amount": "required", "order": "required"}],
    "earning": [
        {"id": "spend", "name": "消费返积分", "on": "purchase", "award": {"points": 1, "per_fen": 100}},
        {"id": "double", "name": "金卡双倍", "on": "purchase", "when": [{"tier": ["gold"]}], "multiply": 2},
    ],
}


async def buy(ledger: Ledger, member: int, order: str, fen: int, days_ago: float = 0) -> EventRecorded:
    """An order told now that was paid so many days ago."""
    command = RecordEvent(
        member_id=member, request_key=f"event:till|{order}", at=ledger.clock.now() - timedelta(days=days_ago), actor="system",
        source="till", event=order, kind="purchase", amount_fen=fen, order=order,
    )  # fmt: skip
    outcome = (await ledger.engine.run(command)).outcome
    assert isinstance(outcome, EventRecorded), outcome
    return outcome


async def refund(ledger: Ledger, member: int, order: str, fen: int) -> Outcome:
    return (
        await ledger.run(
            RecordRefund,
            member,
            actor="system",
            source="till",
            event=f"r-{order}",
            refund_of=order,
            amount_fen=fen,
        )
    ).outcome


async def spans(ledger: Ledger, member: int) -> list[tuple[str, str, str]]:
    return [tuple(row) for row in await ledger.pool.fetch(SPANS, member)]


async def no_violations(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_t02_spend_drives_the_ladder_and_e21_the_tier_of_the_events_time_counts(ledger: Ledger) -> None:
    await ledger.publish(rules_with(**RULES))
    ledger.clock.advance(5 * DAY_S)
    member = await ledger.member()
    assert (await buy(ledger, member, "1", 40_000)).points == 400
    assert await spans(ledger, member) == []
    assert (await buy(ledger, member, "2", 10_000)).points == 100, (
        "the order that reaches the tier counts as before"
    )
    assert await spans(ledger, member) == [("gold", "basic", "reached")]
    ledger.clock.advance(DAY_S)
    assert (await buy(ledger, member, "3", 1_000)).points == 20
    assert (await buy(ledger, member, "4", 1_000, days_ago=2)).points == 10, (
        "told late, it counts with its own tier"
    )
    await no_violations(ledger)


async def test_a_refund_undoes_the_tier_that_its_order_reached_in_this_period(ledger: Ledger) -> None:
    await ledger.publish(rules_with(**RULES))
    member = await ledger.member()
    await buy(ledger, member, "1", 60_000)
    await refund(ledger, member, "1", 5_000)
    assert await spans(ledger, member) == [("gold", "basic", "reached")]
    ledger.clock.advance(1)
    await ledger.run(
        RecordRefund, member, actor="system", source="till", event="r-2", refund_of="1", amount_fen=10_000
    )
    assert (await spans(ledger, member))[1:] == [("basic", "gold", "refunded")]
    await no_violations(ledger)


async def test_a_refund_of_a_later_period_costs_no_tier_before_the_review(ledger: Ledger) -> None:
    await ledger.publish(rules_with(**RULES))
    member = await ledger.member()
    await buy(ledger, member, "1", 60_000)
    ledger.clock.advance(330 * DAY_S)
    await refund(ledger, member, "1", 60_000)
    assert await spans(ledger, member) == [("gold", "basic", "reached")]
    await no_violations(ledger)
