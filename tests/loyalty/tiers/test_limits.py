"""T07: rewards and wheels for certain tiers only: the refusal names them, and nothing is taken."""

import pytest
from pydantic import ValidationError

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.games.commands import Draw
from loyalty.games.views import wheels
from loyalty.programme.rules import RuleSet
from loyalty.rewards.commands import Redeem
from loyalty.rewards.views import rewards
from loyalty.rule_texts import rule_texts_now
from loyalty.tiers.outcomes import TierRequired
from tests.ledger import DAY_S, KEYS, Ledger, limited_wheel, rules_with

TIERS = [
    {"id": "basic", "name": "普通会员", "growth": 0}, {"id": "gold", "name": "金卡会员", "growth": 30},
    {"id": "top", "name": "黑钻会员", "growth": 9000},
]  # fmt: skip
CUP = {
    "id": "cup",
    "name": "杯子",
    "kind": "voucher",
    "price_points": 5,
    "stock": 3,
    "tiers": ["gold", "top"],
}
PEN = {"id": "pen", "name": "笔", "kind": "voucher", "price_points": 5}


def limited(**parts: object) -> RuleSet:
    return rules_with(
        welcome={"points": 0}, check_in={"points": 10}, tiers=TIERS, rewards=[CUP, PEN],
        wheels=[limited_wheel("lucky", 5) | {"tiers": ["gold"]}], **parts,
    )  # fmt: skip


@pytest.mark.parametrize("review", [None, {"by": "year"}])
async def test_who_has_not_the_tier_is_refused_and_nothing_moves(ledger: Ledger, review: object) -> None:
    await ledger.publish(limited(**({"tier_review": review} if review else {})))
    member = await ledger.member()
    for _ in range(2):
        await ledger.run(CheckIn, member)
        ledger.clock.advance(DAY_S)
    before = await ledger.traces(member)
    refused = (await ledger.run(Redeem, member, key="api:1", reward="cup")).outcome
    assert refused == TierRequired(("金卡会员", "黑钻会员"))
    assert refused.sentence == "需要金卡会员或黑钻会员。"
    assert (await ledger.run(Draw, member, wheel="lucky")).outcome == TierRequired(("金卡会员",))
    after = await ledger.traces(member)
    unmoved = ("lot", "entry", "redemption", "draw", "stock", "meter")
    assert {table: after[table] for table in unmoved} == {table: before[table] for table in unmoved}
    live, now = await ledger.live(), ledger.clock.now()
    assert [(one.eligible, one.reason) for one in await rewards(member, live, now)] == [
        (False, "需要金卡会员或黑钻会员"), (True, None),
    ]  # fmt: skip
    await ledger.run(CheckIn, member)
    again = await ledger.run(Redeem, member, key="api:1", reward="cup")
    assert (again.outcome, again.replayed) == (refused, True), "a late repeat hears what was told"
    assert (await ledger.run(Redeem, member, reward="cup")).outcome.code == "redeemed"
    assert (await ledger.run(Draw, member, wheel="lucky")).outcome.code == "drawn"
    assert [one.eligible for one in await rewards(member, live, now)] == [True, True]
    await ledger.pool.execute("UPDATE notice SET state = 'sent'")
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_rules_and_wheels_tell_for_whom_they_are(ledger: Ledger) -> None:
    await ledger.publish(limited())
    live = await ledger.live()
    told = {topic.topic: topic.sentences for topic in await rule_texts_now(live.rules)}
    assert told["rewards"][0].startswith("「杯子」：需要金卡会员或黑钻会员，5 积分，")
    assert told["wheel:lucky"][0] == "需要金卡会员。"
    (wheel,) = await wheels(ledger.pool, await ledger.member(), live, ledger.clock.now())
    assert wheel.rule.startswith("需要金卡会员。")


FAULTS = [
    ({"rewards": [CUP | {"tiers": ["glod"]}]}, "没有编号为 glod 的等级，是不是想写 gold"),
    ({"tiers": [*TIERS[:2], TIERS[2] | {"growth": None}]}, "要写成长值，或者写 reach"),
    ({"tiers": [TIERS[0], TIERS[1] | {"reach": {"lines": [{"metric": "active_days", "at_least": 3}]}}]}, "只写一个"),
    ({"tiers": [TIERS[0], TIERS[1] | {"keep": {"lines": [{"metric": "growth", "at_least": 3}]}}]}, "就要写 tier_review"),
    (
        {
            "tier_review": {"by": "never"},
            "tiers": [TIERS[0], TIERS[1] | {"keep": {"lines": [{"metric": "growth", "at_least": 3}]}}],
        },
        "不要写保级条件",
    ),
    ({"tiers": [TIERS[0] | {"reach": {"lines": [{"metric": "growth", "at_least": 1}]}}]}, "第一级人人都有"),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "fault"), FAULTS)
def test_wrong_rules_are_named(parts: dict[str, object], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        rules_with(**{"tiers": TIERS, **parts})
