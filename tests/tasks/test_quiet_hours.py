"""Quiet hours on the real stack: nothing rings at 00:00:01, what a member causes goes at once, warnings come in time."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from tasks.delivery import deliver_notices
from tasks.expiry import warn_expiring
from tasks.wakeup import wake_silent
from tests.house import House
from tests.ledger import START, ZONE
from tests.tasks.scenes import LAPSE, TEMPLATE_API, adopt, days_before, follower, notice, owe


async def at(house: House, days_left: int, clock: str) -> datetime:
    """Move to that time of the day that many days before the points are gone."""
    instant = datetime.combine(days_before(LAPSE, days_left), time.fromisoformat(clock), ZONE)
    house.clock.move_to(instant)
    return instant


async def deliver(house: House) -> None:
    await deliver_notices(house.resources, house.clock.now())
    await house.emulator.pushes()


@pytest.mark.parametrize("days_left", [20, 5, 1])
async def test_no_warning_rings_at_midnight_and_each_comes_the_same_day(house: House, days_left: int) -> None:
    phone, member_id = await follower(house)
    written = await at(house, days_left, "00:00:01")
    await warn_expiring(house.resources, written)
    row = await notice(house, member_id)
    opens = written.replace(hour=9, second=0)
    assert opens <= row["due_at"].astimezone(ZONE) < opens.replace(hour=21)
    for later in ("00:00:02", "08:59:59"):
        await at(house, days_left, later)
        await deliver(house)
        assert await phone.inbox("template") == []
    house.clock.move_to(row["due_at"])
    await deliver(house)
    assert len(await phone.inbox("template")) == 1
    assert (await notice(house, member_id))["state"] == "delivered"


async def test_no_wake_up_rings_at_midnight(house: House) -> None:
    phone, member_id = await follower(house)
    house.clock.move_to(START.replace(hour=16) + timedelta(days=29, seconds=1))
    await wake_silent(house.resources, house.clock.now())
    await deliver(house)
    assert await phone.inbox("template") == []
    house.clock.move_to((await notice(house, member_id))["due_at"])
    await deliver(house)
    assert len(await phone.inbox("template")) == 1


async def test_a_retry_that_falls_into_quiet_hours_waits_for_the_morning(house: House) -> None:
    phone, member_id = await follower(house)
    await at(house, 20, "20:59:50")
    await owe(house, member_id)
    await house.emulator.fault(TEMPLATE_API, "errcode", -1)
    await deliver(house)
    house.clock.advance(30)
    await deliver(house)
    row = await notice(house, member_id)
    assert (row["state"], row["reason"], row["attempts"]) == ("due", "quiet_hours", 1)
    assert 9 <= row["due_at"].astimezone(ZONE).hour < 21
    assert await phone.inbox("template") == []
    house.clock.move_to(row["due_at"])
    await deliver(house)
    assert len(await phone.inbox("template")) == 1


async def test_on_the_last_evening_a_warning_comes_late_rather_than_never(house: House) -> None:
    phone, _ = await follower(house)
    await at(house, 1, "22:30")
    await warn_expiring(house.resources, house.clock.now())
    await deliver(house)
    assert len(await phone.inbox("template")) == 1


@pytest.mark.parametrize("kind", ["referral_rewarded", "expiry"])
async def test_what_a_member_causes_goes_at_once_at_night(house: House, kind: str) -> None:
    """A friend's first sign-in, and a visit of the member's own, which opens the window that the notice waited for."""
    phone, member_id = await follower(house)
    no_template: dict[str, Any] = {"template": None, "ranges_days": ((30, 8),)}
    await adopt(house, expiry=no_template)
    payload: dict[str, Any] = {"friend_id": 9, "points": 50} if kind == "referral_rewarded" else {}
    await at(house, 20, "14:00")
    await owe(house, member_id, kind, **payload)
    await deliver(house)
    assert (await notice(house, member_id))["state"] == "waiting"
    await at(house, 20, "23:30")
    await phone.say("积分")
    await deliver(house)
    assert len(await phone.inbox("custom")) == 1


async def test_a_window_that_ends_today_is_not_missed(house: House) -> None:
    """The member wrote at half past nine two days ago; the place of most members in the day would be later."""
    phone, member_id = await follower(house)
    await adopt(house, expiry={"template": None, "ranges_days": ((30, 8),)})
    await at(house, 22, "09:30")
    await phone.say("积分")
    await at(house, 20, "00:00:01")
    await warn_expiring(house.resources, house.clock.now())
    await at(house, 20, "09:00:01")
    await deliver(house)
    assert len(await phone.inbox("custom")) == 1
    assert (await notice(house, member_id))["channel"] == "customer_service"


async def test_an_operator_may_switch_quiet_hours_off(house: House) -> None:
    phone, _ = await follower(house)
    await adopt(house, quiet_hours=None)
    await at(house, 20, "00:00:01")
    await warn_expiring(house.resources, house.clock.now())
    await deliver(house)
    assert len(await phone.inbox("template")) == 1
