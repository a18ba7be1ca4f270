"""Until when a redemption can be cancelled: as its reward promised on the day it was bought."""

from datetime import timedelta
from typing import Any

import pytest

from loyalty.engine.outcomes import Outcome
from loyalty.programme.rules import RuleSet
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import Cancelled, NotCancellable, Redeemed
from loyalty.rewards.views import redemption, rewards
from loyalty.rewards.words import cancel_text, rule_texts
from tests.ledger import DAY_S, Ledger, rules_with

CUP = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 30, "stock": 5, "valid_days": 30}


def selling(**changes: Any) -> RuleSet:
    return rules_with(rewards=[CUP | changes])


async def bought(ledger: Ledger, **changes: Any) -> tuple[int, Redeemed]:
    await ledger.publish(selling(**changes))
    member = await ledger.member()
    outcome = (await ledger.run(Redeem, member, reward="cup")).outcome
    assert isinstance(outcome, Redeemed)
    return member, outcome


async def cancel(ledger: Ledger, member: int, redeemed: Redeemed) -> Outcome:
    return (await ledger.run(Cancel, member, receipt_no=redeemed.receipt_no, line=0)).outcome


MOMENTS: list[tuple[dict[str, Any], float, str]] = [
    ({}, 0, "cancelled"),
    ({}, DAY_S, "cancelled"),
    ({}, DAY_S + 1, "too_late"),
    ({"cancel_hours": 72}, 3 * DAY_S, "cancelled"),
    ({"cancel_hours": 72}, 3 * DAY_S + 1, "too_late"),
    ({"cancel_hours": 0}, 0, "never"),
    ({"cancel_hours": 8784}, 29 * DAY_S + 13 * 3600, "cancelled"),
    ({"cancel_hours": 8784}, 30 * DAY_S, "expired"),
]


@pytest.mark.parametrize(("changes", "later_s", "expected"), MOMENTS)
async def test_in_time_or_too_late(
    ledger: Ledger, changes: dict[str, Any], later_s: float, expected: str
) -> None:
    member, redeemed = await bought(ledger, **changes)
    ledger.clock.advance(later_s)
    live, now = await ledger.live(), ledger.clock.now()
    view = await redemption(member, redeemed.receipt_no, 0, live, now)
    assert view is not None
    assert view.cancellable == (expected == "cancelled")
    before = await ledger.traces(member)
    outcome = await cancel(ledger, member, redeemed)
    if expected == "cancelled":
        assert isinstance(outcome, Cancelled)
        assert await ledger.balance(member) == 100
    else:
        assert outcome == NotCancellable(expected)
        assert await ledger.traces(member) == before
        assert await ledger.balance(member) == 70


async def test_a_later_version_takes_no_promise_back_and_makes_none(ledger: Ledger) -> None:
    member, kept = await bought(ledger)
    await ledger.publish(selling(cancel_hours=0))
    other, final = await bought(ledger, cancel_hours=0, name="杯")
    await ledger.publish(selling(cancel_hours=100))
    assert isinstance(await cancel(ledger, member, kept), Cancelled)
    assert await cancel(ledger, other, final) == NotCancellable("never")


async def test_a_voucher_that_expires_sooner_can_be_cancelled_until_then(ledger: Ledger) -> None:
    member, redeemed = await bought(ledger, valid_days=1)
    now = ledger.clock.now()
    assert redeemed.cancellable_until == now + timedelta(hours=24)
    view = await redemption(member, redeemed.receipt_no, 0, await ledger.live(), now)
    assert view is not None
    assert view.cancellable_until == now + timedelta(hours=14)


async def test_the_list_and_the_rules_tell_it(ledger: Ledger) -> None:
    await ledger.publish(rules_with(rewards=[CUP, CUP | {"id": "pen", "name": "笔", "cancel_hours": 0}]))
    live = await ledger.live()
    offered = await rewards(await ledger.member(), live, ledger.clock.now())
    assert [reward.cancel_hours for reward in offered] == [24, 0]
    (topic,) = rule_texts(live.rules.rewards_by_id, live.rules.ladder)
    assert topic.sentences[:2] == (
        "「杯子」：30 积分，共 5 份，30 天内有效，兑换后 24 小时内可以取消。",
        "「笔」：30 积分，共 5 份，30 天内有效，兑换后不能取消。",
    )


@pytest.mark.parametrize(
    ("hours", "text"),
    [(0, "不能取消"), (1, " 1 小时内可以取消"), (24, " 24 小时内可以取消"), (48, " 2 天内可以取消")],
)
def test_the_span(hours: int, text: str) -> None:
    assert cancel_text(hours) == text
