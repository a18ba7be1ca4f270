"""What the doors show, read from a real ledger."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.checkin.commands import CheckIn
from loyalty.checkin.views import month
from loyalty.directory import Directory
from loyalty.entries import entries
from loyalty.games.commands import Draw
from loyalty.games.views import wheels
from loyalty.games.words import wheel_rule
from loyalty.ledger.balance import Expiring, LotLeft, weigh
from loyalty.ledger.calendar import AT_ONCE, NEVER
from loyalty.programme.rules import RuleSet
from loyalty.rewards.commands import Redeem
from loyalty.rewards.views import redemptions, rewards
from loyalty.vouchers.state import redemption_state
from tests.ledger import DAY_S, Ledger

TODAY = date(2026, 3, 2)


def lot(remaining: int, expires_on: date = NEVER, opens_on: date = AT_ONCE) -> LotLeft:
    return LotLeft(expires_on, opens_on, 0, remaining)


DAYS = st.dates(TODAY - timedelta(days=90), TODAY + timedelta(days=90))
LOTS = st.lists(st.builds(lot, st.integers(0, 1000), DAYS | st.just(NEVER), DAYS | st.just(AT_ONCE)))


@given(LOTS, st.integers(0, 3000))
def test_no_point_is_lost_or_made(lots: list[LotLeft], debt: int) -> None:
    shown = weigh(lots, debt, TODAY)
    alive = sum(one.remaining for one in lots if one.expires_on > TODAY)
    assert shown.spendable + shown.pending - shown.debt == alive - debt
    assert min(shown.spendable, shown.pending, shown.debt) >= 0
    assert shown.spendable == 0 or shown.debt == 0
    assert sum(batch.points for batch in shown.expiring) <= shown.spendable
    days = [batch.expires_on for batch in shown.expiring]
    assert days == sorted(set(days))


@pytest.mark.parametrize(
    ("lots", "debt", "spendable", "pending", "expiring"),
    [
        ([], 0, 0, 0, ()),
        ([lot(5, TODAY)], 0, 0, 0, ()),
        ([lot(5, TODAY + timedelta(days=1))], 0, 5, 0, (Expiring(5, TODAY + timedelta(days=1)),)),
        ([lot(5, NEVER)], 0, 5, 0, ()),
        ([lot(5, NEVER, TODAY)], 0, 5, 0, ()),
        ([lot(5, NEVER, TODAY + timedelta(days=1))], 0, 0, 5, ()),
        ([lot(5, NEVER, TODAY)], 3, 2, 0, ()),
        ([lot(5, TODAY + timedelta(days=61))], 0, 5, 0, ()),
    ],
)
def test_balances(lots: list[LotLeft], debt: int, spendable: int, pending: int, expiring: object) -> None:
    shown = weigh(lots, debt, TODAY)
    assert (shown.spendable, shown.pending, shown.expiring) == (spendable, pending, expiring)
    assert sum(one.points for one in shown.opening) == pending


async def test_the_view_agrees_with_the_ledger(ledger: Ledger) -> None:
    member_id = await ledger.member()
    for day in range(12):
        await ledger.run(CheckIn, member_id)
        if day % 4 == 3:
            await ledger.run(Redeem, member_id, reward="cookie")
            await ledger.run(Draw, member_id, wheel="lucky")
        shown = await Directory(ledger.pool, ledger.zone).overview(member_id, ledger.clock.now())
        assert shown.balance == await ledger.balance(member_id)
        assert (shown.checked_in_today, shown.streak) == (True, day + 1)
        ledger.clock.advance(DAY_S)
    movements = await entries(member_id, limit=100)
    assert sum(entry.delta for entry in movements) == await ledger.balance(member_id)
    assert [entry.id for entry in movements] == list(range(len(movements), 0, -1))


async def test_lapsed_points_do_not_show_though_no_job_ran(ledger: Ledger) -> None:
    member_id = await ledger.member()
    ledger.clock.advance(400 * DAY_S)
    shown = await Directory(ledger.pool, ledger.zone).overview(member_id, ledger.clock.now())
    assert (shown.balance, shown.growth) == (0, 100)
    assert await ledger.balance(member_id) == 100
    offered = await rewards(member_id, await ledger.live(), ledger.clock.now())
    assert not any(reward.eligible for reward in offered)


async def test_months_do_not_mix(ledger: Ledger) -> None:
    member_id, other = await ledger.member(), await ledger.member()
    for _ in range(31):
        await ledger.run(CheckIn, member_id)
        await ledger.run(CheckIn, other)
        ledger.clock.advance(DAY_S)
    live = await ledger.live()
    march = await month(member_id, 2026, 3, live, ledger.clock.now())
    april = await month(member_id, 2026, 4, live, ledger.clock.now())
    assert (march.days[0], march.days[-1], len(march.days)) == (date(2026, 3, 2), date(2026, 3, 31), 30)
    assert april.days == [date(2026, 4, 1)]
    assert march.streak == april.streak == 31
    with pytest.raises(ValueError, match="month"):
        await month(member_id, 2026, 13, live, ledger.clock.now())


async def test_rewards_are_numbered_as_the_chat_numbers_them(ledger: Ledger) -> None:
    member_id = await ledger.member()
    offered = await rewards(member_id, await ledger.live(), ledger.clock.now())
    assert [(reward.number, reward.id) for reward in offered][:2] == [(1, "cookie"), (2, "americano")]


async def test_won_vouchers_are_shown_but_not_cancellable(ledger: Ledger) -> None:
    body = await _rules(ledger)
    wheel = body["wheels"][0]
    cookie = next(prize for prize in wheel["prizes"] if prize["id"] == "cookie")
    nothing = {
        "id": "nothing",
        "slot": 1,
        "name": "谢谢参与",
        "level": "参与奖",
        "kind": "none",
        "odds_ppm": 0,
    }
    wheel["prizes"] = [
        cookie | {"slot": 0, "odds_ppm": 1_000_000, "substitute": "nothing", "may_end_in_nothing": True},
        nothing,
    ]
    await ledger.publish(RuleSet.model_validate_json(json.dumps(body)))
    member_id = await ledger.member()
    await ledger.run(Draw, member_id, wheel="lucky")
    (won,) = await redemptions(member_id, await ledger.live(), ledger.clock.now())
    assert (won.source, won.points, won.state, won.cancellable) == ("draw", 0, "issued", False)
    (shown,) = await wheels(ledger.pool, member_id, await ledger.live(), ledger.clock.now())
    assert {prize.id: prize.stock_left for prize in shown.prizes}["cookie"] == 499


async def test_free_draws_come_first(ledger: Ledger) -> None:
    body = await _rules(ledger)
    body["wheels"][0].update({"free_per_day": 2, "draws_per_day": 3})
    await ledger.publish(RuleSet.model_validate_json(json.dumps(body)))
    member_id = await ledger.member()
    for left in ((2, 3), (1, 2), (0, 1), (0, 0)):
        (wheel,) = await wheels(ledger.pool, member_id, await ledger.live(), ledger.clock.now())
        assert (wheel.free_left, wheel.draws_left) == left
        await ledger.run(Draw, member_id, wheel="lucky")
    rules = (await ledger.live()).rules
    assert wheel.rule == wheel_rule(rules.wheels[0], rules.ladder)


async def _rules(ledger: Ledger) -> Any:
    return (await ledger.live()).rules.model_dump()


@pytest.mark.parametrize(
    ("stored", "days", "shown"),
    [
        ("issued", 1, "issued"),
        ("issued", 0, "expired"),
        ("issued", -1, "expired"),
        ("used", -1, "used"),
        ("cancelled", -1, "cancelled"),
    ],
)
def test_states(stored: str, days: int, shown: str) -> None:
    assert redemption_state(stored, TODAY + timedelta(days=days), TODAY) == shown
