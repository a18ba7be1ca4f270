"""Strictly favourable or not: the program compares rule by rule and names what got worse for whom (K06, K08, D04, K05)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args, get_origin

import pytest
from pydantic.fields import FieldInfo

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.entries import entries
from loyalty.ledger.words import odds_text
from loyalty.programme.comparing.favour import losses
from loyalty.programme.declaring.better import NEUTRAL, TOGETHER, Better
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.outline.items import bare, items_of
from loyalty.programme.publishing.draft import NoReason, TooSoon
from loyalty.programme.publishing.history import history
from loyalty.programme.publishing.publication import publish
from loyalty.programme.publishing.versions import newest
from loyalty.programme.publishing.withdrawal import withdraw
from loyalty.programme.rules import RuleSet
from tests.ledger import KEYS, Ledger, rules_with

DEMO = rules_with().model_dump(mode="json")
[WHEEL] = DEMO["wheels"]
CUP = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 60, "stock": 5}
PEN = {"id": "pen", "name": "笔", "kind": "voucher", "price_points": 20}
LADDER = {"points": 10, "ladder": [{"streak": 3, "bonus": 5}, {"streak": 7, "bonus": 20}]}
FRIENDS = {
    "enabled": True,
    "inviter_points": 50,
    "friend_points": 20,
    "ladder": [{"qualified": 3, "bonus": 9}],
}
TIERS = [
    {"id": "a", "name": "甲", "growth": 0},
    {"id": "b", "name": "乙", "growth": 100, "benefits": ["早", "晚"]},
]


def wheel(**parts: Any) -> dict[str, Any]:
    return {"wheels": [WHEEL | parts]}


def odds(**ppm: int) -> dict[str, Any]:
    return wheel(prizes=[one | {"odds_ppm": ppm.get(one["id"], one["odds_ppm"])} for one in WHEEL["prizes"]])


WON = next(one for one in WHEEL["prizes"] if one["kind"] != "none" and one["odds_ppm"] > 1)
OTHER = next(one for one in WHEEL["prizes"] if one["kind"] != "none" and one["id"] != WON["id"])
LESS_TOLD = (
    f"「{WON['id']} {WON['name']}」 › odds_ppm（概率）："
    f"{odds_text(WON['odds_ppm'])} → {odds_text(WON['odds_ppm'] - 1)}"
)
LESS = {WON["id"]: WON["odds_ppm"] - 1, OTHER["id"]: OTHER["odds_ppm"] + 1}

CASES: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    ({}, {}, None),
    ({"welcome": {"points": 100}}, {"welcome": {"points": 120}}, None),
    ({"welcome": {"points": 100}}, {"welcome": {"points": 99}}, "welcome（新人礼） › points（积分）：100 → 99"),
    ({"expiry": {"months": 12}}, {"expiry": {"months": 24}}, None),
    ({"expiry": {"months": 12}}, {"expiry": {"months": None}}, None),
    ({"expiry": {"months": 12}}, {"expiry": {"months": 11}}, "expiry（有效期）：12 个月有效"),
    ({"expiry": {"months": None}}, {"expiry": {"months": 120}}, "长期有效 → 120 个月有效"),
    ({"expiry": {"months": 12}}, {"expiry": {"days": 397}}, None),
    ({"expiry": {"months": 12}}, {"expiry": {"days": 396}}, "例如 1 月 1 日得到的积分会更早到期"),
    ({"expiry": {"fixed": ["12-31"]}}, {"expiry": {"fixed": ["12-31"], "grace_days": 1}}, None),
    ({"expiry": {"fixed": ["12-31"]}}, {"expiry": {"fixed": ["06-30", "12-31"]}}, "6 月 30 日"),
    ({"check_in": LADDER}, {"check_in": LADDER | {"points": 11}}, None),
    ({"check_in": LADDER}, {"check_in": {"points": 15, "ladder": [{"streak": 7, "bonus": 15}]}}, None),
    ({"check_in": LADDER}, {"check_in": {"points": 10}}, "签到的会员：check_in（签到）：连签第 3 天得的积分 15 → 10"),
    ({"check_in": LADDER}, {"check_in": LADDER | {"cycle_days": 8}}, "连签第 10 天得的积分 15 → 10"),
    ({"rewards": [CUP]}, {"rewards": [PEN, CUP]}, None),
    ({"rewards": [CUP, PEN]}, {"rewards": [PEN, CUP]}, None),
    ({"rewards": [CUP]}, {"rewards": [CUP | {"price_points": 59, "stock": None, "valid_days": 100}]}, None),
    (
        {"rewards": [CUP]},
        {"rewards": [CUP | {"price_points": 80}]},
        "兑换礼品的会员：rewards（礼品）「cup 杯子」 › price_points（价格）：60 → 80",
    ),
    ({"rewards": [CUP, PEN]}, {"rewards": [PEN]}, "rewards（礼品）「cup 杯子」：去掉了"),
    ({"rewards": [CUP]}, {"rewards": [CUP | {"stock": 4}]}, "stock（库存）：5 → 4"),
    ({"rewards": [PEN]}, {"rewards": [PEN | {"stock": 4}]}, "stock（库存）：（无） → 4"),
    ({"rewards": [CUP]}, {"rewards": [CUP | {"valid_days": 89}]}, "90 → 89"),
    ({"rewards": [CUP]}, {"rewards": [CUP | {"cancel_hours": 23}]}, "24 → 23"),
    ({"rewards": [CUP]}, {"rewards": [CUP | {"terms": "只限周一"}]}, "程序判断不了"),
    (wheel(cost_points=20), wheel(cost_points=19), None),
    (wheel(cost_points=20), wheel(cost_points=21), "cost_points（价格）：20 → 21"),
    (wheel(draws_per_day=9), wheel(draws_per_day=8), "draws_per_day（每天次数）：9 → 8"),
    (wheel(), {"wheels": []}, f"wheels（转盘）「lucky {WHEEL['name']}」：去掉了"),
    (wheel(name="转"), wheel(name="转转"), None),
    (odds(), odds(**LESS), LESS_TOLD),
    ({"repair": None}, {"repair": {"per_month": 1}}, None),
    ({"repair": {"per_month": 1}}, {"repair": None}, "补签的会员：repair（补签）：有 → （无）"),
    ({"repair": {"price_points": 5}}, {"repair": {"price_points": None}}, "5 → （无）"),
    ({"repair": {"price_points": None}}, {"repair": {"price_points": 5}}, None),
    ({"referral": FRIENDS}, {"referral": FRIENDS | {"friend_points": 21}}, None),
    ({"referral": FRIENDS}, {"referral": FRIENDS | {"enabled": False}}, "邀请奖励停了"),
    ({"referral": FRIENDS | {"enabled": False}}, {"referral": {"enabled": False}}, None),
    ({"referral": FRIENDS}, {"referral": FRIENDS | {"ladder": []}}, "邀满 3 位另得的积分 9 → 0"),
    ({"tiers": TIERS}, {"tiers": [TIERS[0], TIERS[1] | {"growth": 90}]}, None),
    ({"tiers": TIERS}, {"tiers": [TIERS[0], TIERS[1] | {"growth": 110}]}, "growth（成长值）：100 → 110"),
    ({"tiers": TIERS}, {"tiers": [TIERS[0], TIERS[1] | {"benefits": ["晚"]}]}, "早、晚 → 晚"),
    ({"tiers": TIERS}, {"tiers": TIERS[:1]}, "tiers（等级）「b 乙」：去掉了"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "loss"), CASES)
def test_what_got_worse_is_named(before: dict[str, Any], after: dict[str, Any], loss: str | None) -> None:
    found = losses(rules_with(**before), rules_with(**after))
    if loss is None:
        assert found == []
    else:
        [only] = found
        assert loss in only


def undeclared(where: tuple[str, ...], annotation: Any) -> Iterator[str]:
    """Items whose changes nothing can judge, because no declaration stands beside them."""
    for key, item in items_of(annotation).items():
        better = next((one for one in item.metadata if isinstance(one, Better)), None)
        below = items_of(item.annotation)
        if better is None and _needs_one(item, below):
            yield ".".join((*where, key))
        if better not in (NEUTRAL, TOGETHER):
            yield from undeclared((*where, key), item.annotation)


def _needs_one(item: FieldInfo, below: dict[str, FieldInfo]) -> bool:
    return not below or get_origin(bare(item.annotation)) is tuple or type(None) in get_args(item.annotation)


def test_every_item_says_what_is_better() -> None:
    """Declare a new item as `loyalty/programme/declaring/better.py` shows; without, each change of it wants seven days."""
    assert list(undeclared((), RuleSet)) == []


@pytest.mark.parametrize(("days", "refused"), [(0, True), (6, True), (7, False)])
async def test_something_worse_waits_seven_days(ledger: Ledger, days: int, refused: bool) -> None:
    """D04: publishing at +6 days is refused, and the refusal says what is worse; at +7 it is stored with what is worse."""
    dearer = rules_with(rewards=[CUP | {"price_points": 80}])
    await ledger.publish(rules_with(rewards=[CUP]))
    since = ledger.clock.now() + timedelta(days=days)
    draft = publish(ledger.engine, dearer, base=2, by="林", reason="成本涨了", effective_from=since)
    if refused:
        with pytest.raises(TooSoon, match="最早可以从 2026-03-09 10:01 起生效") as too_soon:
            await draft
        assert "price_points（价格）：60 → 80" in str(too_soon.value)
        assert await ledger.count("rule_version") == 2
    else:
        assert await draft == 3
        [newest_one, *_] = await history(ledger.pool, ledger.clock.now())
        assert (newest_one.urgent, len(newest_one.losses)) == (False, 1)


async def test_what_is_better_for_everybody_takes_effect_at_once(ledger: Ledger) -> None:
    await ledger.publish(rules_with(rewards=[CUP]))
    better = rules_with(rewards=[CUP | {"price_points": 50}, PEN])
    with pytest.raises(NoReason):
        await publish(ledger.engine, better, base=2, by="林", reason=" ")
    assert await publish(ledger.engine, better, base=2, by="林", reason="周年庆") == 3
    assert (await ledger.live()).version == 3


async def test_the_worse_is_measured_against_the_version_of_that_day(ledger: Ledger) -> None:
    """A draft that follows a scheduled version is compared with that one, not with the rules of today."""
    await ledger.publish(rules_with(welcome={"points": 50}), in_s=8 * 86_400)
    later = ledger.clock.now() + timedelta(days=9)
    draft = rules_with(welcome={"points": 60})
    assert await publish(ledger.engine, draft, base=2, by="林", reason="补一点", effective_from=later) == 3
    with pytest.raises(TooSoon):
        await publish(ledger.engine, draft, base=3, by="林", reason="补一点", until_replaced=True)


async def test_urgent_is_on_record(ledger: Ledger) -> None:
    """A law that cannot wait: the version says for ever that it was urgent; one that was not worse is not."""
    worse, better = rules_with(welcome={"points": 1}), rules_with(welcome={"points": 2})
    await publish(ledger.engine, worse, base=1, by="林", reason="监管要求", urgent=True)
    await publish(ledger.engine, better, base=2, by="林", reason="补偿", urgent=True)
    assert [one.urgent for one in await history(ledger.pool, ledger.clock.now())] == [False, True, False]


async def test_the_history_says_who_when_why_and_what(ledger: Ledger) -> None:
    """K05: each version with its base, by whom, when, why and what it changed; an entry shows the version it was written under."""
    member = await ledger.member()
    await ledger.run(CheckIn, member)
    await ledger.publish(rules_with(welcome={"points": 7}), in_s=86_400)
    await withdraw(ledger.engine, 2, by="王", reason="改期")
    ledger.clock.advance(86_400)
    assert await newest(ledger.pool) == 1
    await ledger.publish(rules_with(check_in={"points": 9}))
    await ledger.run(CheckIn, member)
    third, second, first = await history(ledger.pool, ledger.clock.now())
    assert (third.base, second.base, first.base) == (1, 1, 0)
    assert (third.published_by, third.reason, third.published_at) == (
        "test",
        "a test's own rules",
        ledger.clock.now(),
    )
    assert losses(await rules_of(ledger.pool, third.base), await rules_of(ledger.pool, 3)) == third.losses
    shown = [one.rule_version for one in await entries(member) if one.source == "check_in"]
    assert shown == [3, 1]
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []
