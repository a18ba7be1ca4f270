"""Old points keep the old price until the end of a transition (K07, D04)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from loyalty.audit import EVER, audit
from loyalty.backtest import Plan, backtest
from loyalty.checkin.commands import CheckIn
from loyalty.engine.outcomes import Outcome
from loyalty.ledger.calendar import AT_ONCE
from loyalty.ledger.lots import Lot, LotKey
from loyalty.programme.publishing.draft import BadTransition, TooSoon
from loyalty.programme.publishing.publication import publish
from loyalty.programme.rules import RuleSet
from loyalty.rewards.commands import Redeem
from loyalty.rewards.old_points import price_of
from loyalty.rewards.outcomes import Redeemed
from loyalty.rewards.rule import OldPoints, Reward
from loyalty.rewards.views import RewardView, rewards
from loyalty.shown.outcomes import PriceChanged
from loyalty.shown.rows import note_shown
from tests.ledger import DAY_S, KEYS, START, ZONE, Ledger, rules_with

CHANGE, END = date(2026, 3, 10), date(2026, 5, 1)
MARCH, APRIL = date(2027, 4, 1), date(2027, 5, 1)


def programme(price: int, **more: Any) -> RuleSet:
    """A cup at a price; sign-ins pay 40 points, so that a few days buy one."""
    cup = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": price}
    return rules_with(rewards=[cup | more], check_in={"points": 40}, welcome={"points": 100})


async def dearer(ledger: Ledger, until: date = END) -> int:
    """A cup for 60, which from the tenth of March on costs 80."""
    await ledger.publish(programme(60))
    since = datetime(2026, 3, 9, 16, tzinfo=UTC)
    return await publish(
        ledger.engine,
        programme(80),
        base=2,
        by="林",
        reason="成本",
        effective_from=since,
        transition_until=until,
    )


async def bought(ledger: Ledger, member: int, **fields: Any) -> int | Outcome:
    """What a cup cost, or why there was none."""
    outcome = (await ledger.run(Redeem, member, reward="cup", **fields)).outcome
    return outcome.points if isinstance(outcome, Redeemed) else outcome


async def offer(ledger: Ledger, member: int) -> RewardView:
    [only] = await rewards(member, await ledger.live(), ledger.clock.now())
    return only


async def test_old_points_redeem_at_the_old_price_until_the_end(ledger: Ledger) -> None:
    """The gift of before the change pays 60. What was earned since pays 80, and after the transition everything does."""
    member, newcomer, idle = await ledger.member(), 0, await ledger.member()
    await dearer(ledger)
    ledger.clock.move_to(START + timedelta(days=10))
    newcomer = await ledger.member()
    seen = await offer(ledger, member)
    assert (seen.price_points, seen.new_price_points, seen.old_price_until) == (60, 80, END)
    assert (await offer(ledger, newcomer)).price_points == 80
    assert await bought(ledger, member, price_points=60) == 60
    assert await bought(ledger, newcomer, price_points=60) == PriceChanged(80, "杯子")
    assert await bought(ledger, newcomer) == 80
    for _ in range(2):
        await ledger.run(CheckIn, member)
        ledger.clock.advance(DAY_S)
    assert (await offer(ledger, member)).price_points == 80  # 40 old points are left among 120
    assert await bought(ledger, member) == 80
    ledger.clock.move_to(datetime(2026, 4, 30, 15, 59, tzinfo=UTC))
    assert (await offer(ledger, idle)).price_points == 60
    ledger.clock.advance(60)
    assert (await offer(ledger, idle)).price_points == 80
    assert await bought(ledger, idle, as_shown=True) == 80
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []
    again = await backtest(ledger.pool, Plan(None, EVER), ledger.clock.now(), KEYS, zone=ZONE)
    assert (again.differing, again.held_more, dict(again.stopped)) == (0, 0, {})


async def test_who_agreed_to_the_full_price_pays_the_lower_one(ledger: Ledger) -> None:
    """The rules tell everybody the full price; a member with old points need not be asked again to pay less."""
    app, chat = await ledger.member(), await ledger.member()
    await dearer(ledger)
    ledger.clock.move_to(START + timedelta(days=10))
    await note_shown(ledger.pool, chat, {"reward:cup": "80"}, ledger.clock.now())
    assert await bought(ledger, app, price_points=80) == 60
    assert await bought(ledger, chat, as_shown=True) == 60


async def test_several_pieces_pay_the_old_price_if_old_points_pay_for_all(ledger: Ledger) -> None:
    member = await ledger.member()
    await dearer(ledger)
    ledger.clock.move_to(START + timedelta(days=10))
    for _ in range(2):
        await ledger.run(CheckIn, member)
        ledger.clock.advance(DAY_S)
    assert await bought(ledger, member, quantity=2) == 160
    other = await ledger.member()
    assert await bought(ledger, other, quantity=1) == 80


async def test_the_publication_writes_the_transition_into_the_rules(ledger: Ledger) -> None:
    """Members read it, and taking it away later is a change for the worse."""
    version = await dearer(ledger)
    ledger.clock.move_to(START + timedelta(days=10))
    live = await ledger.live()
    assert live.version == version
    [cup] = live.rules.rewards
    assert cup.old_points == OldPoints(earned_before=CHANGE, price_points=60, until=END)
    told = [
        text for topic in ledger.features if topic.name == "rewards" for text in topic.texts(live.rules, ())
    ]
    sentence = "「杯子」过渡期：2026年3月10日以前得到的积分，到 2026年4月30日为止仍按 60 积分兑换。"
    assert sentence in told[0].sentences
    with pytest.raises(TooSoon):
        await publish(ledger.engine, programme(80), base=3, by="林", reason="不过渡了")


@pytest.mark.parametrize("until", [date(2026, 3, 10), date(2027, 3, 12)])
async def test_a_transition_ends_after_it_begins_and_within_a_year(ledger: Ledger, until: date) -> None:
    with pytest.raises(BadTransition):
        await dearer(ledger, until)
    assert await ledger.count("rule_version") == 2


def lots(**remaining: int) -> list[Lot]:
    days = {"march": MARCH, "april": APRIL}
    return [
        Lot(LotKey(days[name], AT_ONCE, 0), opened=True, granted=points, remaining=points)
        for name, points in remaining.items()
    ]


PRICES: list[tuple[dict[str, int], dict[date, int], int, int]] = [
    ({"march": 60}, {}, 1, 60),
    ({"march": 59}, {}, 1, 80),
    ({"march": 120}, {MARCH: 60}, 1, 60),
    ({"march": 120}, {MARCH: 61}, 1, 80),
    ({"march": 120}, {MARCH: 60}, 2, 80),
    ({"march": 60, "april": 60}, {APRIL: 60}, 1, 60),
    ({"march": 50, "april": 60}, {APRIL: 60}, 1, 80),
    ({"march": 50, "april": 60}, {APRIL: 50}, 1, 60),
    ({"march": 50, "april": 60}, {MARCH: 50}, 1, 80),
]


@pytest.mark.parametrize(("held", "since", "quantity", "price"), PRICES)
def test_the_points_that_pay_must_all_be_old(
    held: dict[str, int], since: dict[date, int], quantity: int, price: int
) -> None:
    old = OldPoints(earned_before=CHANGE, price_points=60, until=END)
    cup = Reward(id="cup", name="杯子", kind="voucher", price_points=80, old_points=old)
    assert price_of(cup, lots(**held), quantity, CHANGE, since) == price
    assert price_of(cup, lots(**held), quantity, END, since) == 80
    assert price_of(cup, lots(**held), quantity, CHANGE, None) == 80
