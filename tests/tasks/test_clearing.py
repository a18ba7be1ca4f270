"""Clearing on fixed days, and by months, across a year of nights (L01, L02, L03)."""

from datetime import date, timedelta
from typing import Any

import pytest

from loyalty.checkin.commands import CheckIn
from loyalty.members.profile import set_opt_out
from loyalty.rewards.commands import Redeem
from tasks.delivery import deliver_notices
from tasks.expiry import expire_points, warn_expiring
from tests.house import House
from tests.ledger import rules_with
from tests.tasks.scenes import follower, go_to, notices

QUARTERS = ["03-31", "06-30", "09-30", "12-31"]


def rules(expiry: dict[str, Any]) -> Any:
    return rules_with(
        expiry=expiry, welcome={"points": 0}, check_in={"points": 60}, notices={"quiet_hours": None}
    )


async def night(house: House, day: date) -> None:
    now = await go_to(house, day)
    await expire_points(house.resources, now)
    await warn_expiring(house.resources, now)


async def available(house: House, member_id: int) -> int:
    return await house.ledger.balance(member_id)


@pytest.mark.parametrize(
    ("expiry", "last_days"),
    [
        ({"fixed": "12-31"}, [date(2026, 12, 31)] * 3),
        ({"fixed": "12-31", "grace_days": 30}, [date(2027, 1, 30)] * 3),
        ({"fixed": QUARTERS}, [date(2026, 6, 30), date(2026, 6, 30), date(2026, 9, 30)]),
        ({"days": 60}, [date(2026, 6, 8), date(2026, 7, 8), date(2026, 8, 29)]),
    ],
)
async def test_points_are_cleared_on_their_day_and_warned_of_before(
    house: House, expiry: dict[str, Any], last_days: list[date]
) -> None:
    """Sixty points each on 10 April, 10 May and 1 July; the nights before and after each clearing."""
    await house.ledger.publish(rules(expiry))
    member_id = await house.ledger.member()
    earned = dict(zip((date(2026, 4, 10), date(2026, 5, 10), date(2026, 7, 1)), last_days, strict=True))
    nights = {last + timedelta(days=1 - days) for last in last_days for days in (31, 30, 8, 7, 1, 0)}
    for day in sorted({*earned, *nights}):
        await night(house, day)
        if day in earned:
            await house.ledger.run(CheckIn, member_id)
        alive = sum(since <= day <= last for since, last in earned.items())
        assert await available(house, member_id) == 60 * alive, day
    assert await available(house, member_id) == 0
    late = last_days[-1] + timedelta(days=1)
    told = [row for row in await notices(house, member_id, "expiry") if row["key"].endswith(f"|{late}")]
    assert [row["key"].split("|")[0] for row in told] == ["30-8", "7-2", "1-1"]
    assert [(late - row["created_at"].date()).days for row in told] == [30, 7, 1]


async def test_a_clearing_takes_only_what_was_earned_under_it(house: House) -> None:
    """Points earned while twelve months were promised live on after the end of the year."""
    await house.ledger.publish(rules({"months": 12}))
    member_id = await house.ledger.member()
    await go_to(house, date(2026, 5, 4))
    await house.ledger.run(CheckIn, member_id)
    await house.ledger.publish(rules({"fixed": "12-31"}))
    await go_to(house, date(2026, 8, 4))
    await house.ledger.run(CheckIn, member_id)
    await night(house, date(2026, 12, 31))
    assert await available(house, member_id) == 120
    await night(house, date(2027, 1, 1))
    assert await available(house, member_id) == 60
    await night(house, date(2027, 5, 31))
    assert await available(house, member_id) == 60
    await night(house, date(2027, 6, 1))
    assert await available(house, member_id) == 0


async def test_two_credits_a_month_apart_lapse_a_month_apart(house: House) -> None:
    """L01: and spending takes from the one that lapses first."""
    await house.ledger.publish(rules({"months": 6}))
    member_id = await house.ledger.member()
    for day in (date(2026, 4, 20), date(2026, 5, 20)):
        await go_to(house, day)
        await house.ledger.run(CheckIn, member_id)
    await house.ledger.run(Redeem, member_id, reward="cookie")
    lots = await house.resources.pool.fetch(
        "SELECT expires_on, remaining FROM lot WHERE member_id = $1 ORDER BY 1", member_id
    )
    assert [tuple(lot) for lot in lots] == [(date(2026, 11, 1), 0), (date(2026, 12, 1), 60)]
    for day, left in ((date(2026, 11, 1), 60), (date(2026, 11, 30), 60), (date(2026, 12, 1), 0)):
        await night(house, day)
        assert await available(house, member_id) == left


async def test_who_wants_no_notices_gets_none(house: House) -> None:
    """L02: the notice is written once per range, and not sent to a member who has opted out."""
    await house.ledger.publish(rules_with(notices={"quiet_hours": None}))
    phone, member_id = await follower(house)
    gone_on: date = await house.resources.pool.fetchval("SELECT expires_on FROM lot")
    await set_opt_out(member_id, opted_out=True)
    for _ in range(3):
        await night(house, gone_on - timedelta(days=5))
    await deliver_notices(house.resources, house.clock.now())
    [row] = await notices(house, member_id, "expiry")
    assert row["state"] == "suppressed"
    assert await phone.inbox("template") == []
