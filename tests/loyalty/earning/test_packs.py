"""Acceleration packs: taken once, used up by what they bring, seen, and gone after their days."""

import asyncio
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.earning.outcomes import EventRecorded
from loyalty.earning.packs.commands import TakePack
from loyalty.earning.packs.outcomes import PackInUse, PackLimitReached, PackNotForTier, PackTaken, UnknownPack
from loyalty.earning.packs.views import PackInHand, packs_of
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.merging.run import merge
from loyalty.rule_texts import rule_texts
from loyalty.shown.outcomes import PriceChanged
from tests.ledger import DAY_S, KEYS, Ledger, rules_with
from tests.loyalty.earning.test_events import EVENTS, SPEND, buy, clean, report

PACK: dict[str, Any] = {
    "id": "fast", "name": "消费加速包", "on": "purchase", "multiply": 2, "days": 7, "points": 50, "price_points": 10,
    "tier": ["basic"],
}  # fmt: skip
DOUBLE = {"id": "double", "name": "双倍", "on": "purchase", "multiply": "1.5"}


async def open_with(ledger: Ledger, *packs: dict[str, Any], earning: Any = (SPEND,), points: int = 30) -> int:
    rules = rules_with(events=EVENTS, earning=[*earning], packs=[*packs], welcome={"points": points})
    await ledger.publish(rules)
    return await ledger.member()


async def take(ledger: Ledger, member: int, pack: str = "fast", price: int = 10, key: str = "k") -> Outcome:
    return (await ledger.run(TakePack, member, key, pack=pack, price_points=price)).outcome


async def in_hand(ledger: Ledger, member: int) -> list[PackInHand]:
    [view] = await packs_of(ledger.pool, member, await ledger.live(), ledger.clock.now())
    return view.working


async def test_a_pack_multiplies_until_it_is_used_up(ledger: Ledger) -> None:
    """E29: a pack for low tiers doubles for seven days or fifty points, is consumed, and can be seen."""
    member = await open_with(ledger, PACK)
    taken = await take(ledger, member)
    assert isinstance(taken, PackTaken)
    assert (taken.points, taken.balance, await take(ledger, member)) == (50, 20, taken)
    assert await take(ledger, member, key="again") == PackInUse("消费加速包", 50)
    assert await in_hand(ledger, member) == [PackInHand(taken.until, 50)]
    got = [await buy(ledger, member, f"{n}", 3000) for n in range(3)]
    assert [one.points for one in got] == [60, 50, 30]
    assert [one.withheld for one in got] == [(), (("pack:fast", "limit"),), ()]
    assert await in_hand(ledger, member) == []
    assert await take(ledger, member, key="third") == PackLimitReached("消费加速包", 1)
    await clean(ledger)


async def test_a_pack_ends_with_its_last_day(ledger: Ledger) -> None:
    member = await open_with(ledger, PACK)
    await take(ledger, member)
    ledger.clock.advance(6 * DAY_S)
    assert (await buy(ledger, member, "last", 1000)).points == 20
    ledger.clock.advance(DAY_S)
    assert (await buy(ledger, member, "late", 1000)).points == 10
    assert await in_hand(ledger, member) == []
    await clean(ledger)


async def test_what_is_left_of_a_pack_does_not_stand_in_the_way_of_another_factor(ledger: Ledger) -> None:
    member = await open_with(ledger, PACK, earning=(SPEND, DOUBLE))
    await take(ledger, member)
    got = [(await buy(ledger, member, f"{n}", fen)).points for n, fen in enumerate((4000, 10000, 1000))]
    assert got == [80, 150, 20]
    await clean(ledger)


async def test_packs_are_refused_by_name(ledger: Ledger) -> None:
    gold = PACK | {"id": "gold", "tier": ["gold"]}
    member = await open_with(ledger, PACK, gold, points=5)
    before = await ledger.version(member)
    for pack, price, refusal in (
        ("slow", 10, UnknownPack()),
        ("gold", 10, PackNotForTier("消费加速包", ("金卡会员",))),
        ("fast", 9, PriceChanged(10, "消费加速包")),
        ("fast", 10, NotEnoughPoints(10, 5)),
    ):
        assert await take(ledger, member, pack, price, key=f"{pack}{price}") == refusal
    assert await ledger.balance(member) == 5
    assert await ledger.version(member) - before == 2  # the refusals that a repeat must hear again
    await clean(ledger)


async def test_a_pack_is_taken_once_by_many_at_once(ledger: Ledger) -> None:
    member = await open_with(ledger, PACK)
    outcomes = await asyncio.gather(*(take(ledger, member, key=f"k{n}") for n in range(8)))
    assert sum(isinstance(one, PackTaken) for one in outcomes) == 1
    await buy(ledger, member, "1", 4000)
    many = await asyncio.gather(*(_report(ledger, member, f"m{n}") for n in range(4)))
    assert sorted(one.points for one in many) == [10, 10, 10, 20]
    await clean(ledger)


async def _report(ledger: Ledger, member: int, order: str) -> EventRecorded:
    outcome = await report(ledger, member, order, order=order, amount_fen=1000)
    assert isinstance(outcome, EventRecorded)
    return outcome


async def test_a_pack_follows_a_merge(ledger: Ledger) -> None:
    old = await open_with(ledger, PACK)
    young = await ledger.member()
    await take(ledger, young)
    await merge(ledger.engine, (old, young), actor="system", reason="unionid 相同")
    assert (await buy(ledger, old, "1", 1000)).points == 20
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


def test_the_rule_of_a_pack_is_told() -> None:
    rules = rules_with(events=EVENTS, earning=[SPEND], packs=[PACK])
    [topic] = [topic for topic in rule_texts(rules) if topic.topic == "packs"]
    assert topic.sentences == (
        "消费加速包：限普通会员，领取后 7 天内（当天算第 1 天），消费得 2 倍积分，最多多得 50 积分，用完为止；"  # noqa: ISC004
        "每个 10 积分，每人每年最多 1 个。",
    )


@pytest.mark.parametrize(
    ("parts", "fault"),
    [
        ({"on": "purchse"}, "是不是想写 purchase"),
        ({"on": "review"}, "没有什么可以翻倍"),
        ({"tier": ["vip"]}, "没有编号为 vip 的等级"),
    ],
)
def test_packs_that_cannot_work_are_refused(parts: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        rules_with(events=EVENTS, earning=[SPEND], packs=[PACK | parts])
