"""Notices about changes: one per receipt of the kinds that the rules name, none for what is refused or off (L06)."""

import asyncio
import json
from typing import Any

import pytest

from channels.notices.change import content
from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.earning.commands import RecordEvent, RecordRefund
from loyalty.programme.rules import RuleSet
from loyalty.rewards.commands import Redeem
from tests.ledger import KEYS, Ledger, rules_with

ALL = ["award", "refund", "redemption", "voucher_used", "deduction"]


def rules(on: list[str] | None, pending: int = 0) -> RuleSet:
    return rules_with(
        events=[{"id": "purchase", "name": "消费", "amount": "required", "order": "required"}],
        earning=[
            {
                "id": "spend",
                "name": "消费返积分",
                "on": "purchase",
                "award": {"points": 1, "per_fen": 100},
                "pending_days": pending,
            }
        ],
        notices={"quiet_hours": None} | ({"changes": {"on": on}} if on else {}),
    )


async def buy(ledger: Ledger, member: int, order: str, yuan: int) -> str:
    bought: dict[str, Any] = {"source": "till", "event": order, "kind": "purchase", "order": order}
    decision = await ledger.run(RecordEvent, member, f"till:{order}", amount_fen=yuan * 100, **bought)
    return decision.outcome.code


async def refund(ledger: Ledger, member: int, order: str, yuan: int) -> str:
    back: dict[str, Any] = {"source": "till", "event": f"r-{order}", "refund_of": order}
    decision = await ledger.run(RecordRefund, member, f"till:r-{order}", amount_fen=yuan * 100, **back)
    return decision.outcome.code


async def told(ledger: Ledger, member: int) -> list[str]:
    rows = await ledger.pool.fetch(
        "SELECT payload::text AS payload FROM notice WHERE member_id = $1 AND kind = 'change' ORDER BY key::bigint",
        member,
    )
    return [content(json.loads(row["payload"])).text for row in rows]


async def test_each_change_is_told_once(ledger: Ledger) -> None:
    await ledger.publish(rules(ALL))
    member = await ledger.member()
    assert [await buy(ledger, member, "A", 88) for _ in range(2)] == ["event_recorded"] * 2
    await refund(ledger, member, "A", 8)
    assert (await ledger.run(Redeem, member, reward="cookie")).outcome.code == "redeemed"
    assert (await ledger.run(Redeem, member, reward="beans")).outcome.code == "not_enough_points"
    await ledger.run(CheckIn, member)
    assert await told(ledger, member) == [
        "消费得到 88 积分，已到账。当前积分 188。",
        "退款收回 8 积分。当前积分 180。",
        "兑换「手工曲奇一份」，用了 60 积分。当前积分 120。",
    ]
    keys = await ledger.pool.fetch(
        "SELECT n.key, r.no, r.accepted FROM notice n LEFT JOIN receipt r ON r.member_id = n.member_id AND r.no::text = n.key"
        " WHERE n.kind = 'change'"
    )
    assert all(row["accepted"] for row in keys)
    assert not (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


async def test_requests_at_once_are_told_once(ledger: Ledger) -> None:
    await ledger.publish(rules(["award"]))
    member = await ledger.member()
    now = ledger.clock.now()
    event = RecordEvent(
        member_id=member, request_key="till:A", at=now, source="till", event="A", kind="purchase", order="A",
        amount_fen=8800,
    )  # fmt: skip
    async with ledger.rival() as rival:
        await asyncio.gather(*(engine.run(event) for engine in (ledger.engine, rival) for _ in range(4)))
    assert await told(ledger, member) == ["消费得到 88 积分，已到账。当前积分 188。"]


@pytest.mark.parametrize("on", [None, ["refund"]])
async def test_what_the_rules_do_not_name_is_not_told(ledger: Ledger, on: list[str] | None) -> None:
    await ledger.publish(rules(on))
    member = await ledger.member()
    await buy(ledger, member, "A", 88)
    await ledger.run(Redeem, member, reward="cookie")
    assert await told(ledger, member) == []


async def test_points_that_wait_are_told_as_waiting(ledger: Ledger) -> None:
    await ledger.publish(rules(["award"], pending=7))
    member = await ledger.member()
    await buy(ledger, member, "A", 88)
    await buy(ledger, member, "B", 0)
    assert await told(ledger, member) == ["消费得到 88 积分，过几天到账。当前积分 100。"]


TEXTS: list[tuple[dict[str, Any], str]] = [
    ({"change": "award", "name": "消费", "points": 9, "pending": 4}, "消费得到 9 积分，其中 4 分过几天到账。当前积分 1,000。"),
    ({"change": "refund", "points": 9, "debt": 4}, "退款收回 9 积分，其中 4 分先欠着，由以后的积分补上。当前积分 1,000。"),
    ({"change": "voucher_used", "name": "拿铁", "quantity": 1, "points": 0}, "「拿铁」已核销。当前积分 1,000。"),
    ({"change": "redemption", "name": "拿铁", "quantity": 2, "points": 240}, "兑换「拿铁」 ×2，用了 240 积分。当前积分 1,000。"),
    ({"change": "deduction", "points": 500, "deduct_fen": 550}, "付款用了 500 积分，抵 5.50 元。当前积分 1,000。"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "text"), TEXTS)
def test_the_words(facts: dict[str, Any], text: str) -> None:
    assert content(facts | {"balance": 1_000}).text == text
