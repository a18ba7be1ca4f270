"""Booking what lapsed and warning of what soon will, across months, with late, repeated and doubled jobs."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from channels.notices import expiry
from channels.notices.kind import Content
from channels.sending import chat_text
from loyalty.checkin.commands import CheckIn
from loyalty.rewards.commands import Redeem
from loyalty.rewards.views import reward_in_reach
from tasks import sweeps
from tasks.delivery import deliver_notices
from tasks.expiry import expire_points, open_points, warn_expiring
from tasks.sweeps import START, DailySweep
from tests.house import House
from tests.ledger import demo_rules, rules_with
from tests.tasks.scenes import LAPSE, OnePage, days_before, filled, follower, go_to, notices, owe, values


async def warn(house: House) -> None:
    await warn_expiring(house.resources, house.clock.now())


async def expire(house: House) -> None:
    await expire_points(house.resources, house.clock.now())


async def keys(house: House, member_id: int) -> list[str]:
    return [row["key"] for row in await notices(house, member_id, "expiry")]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (days_before(LAPSE, 31), []),
        (days_before(LAPSE, 30), ["30-8|2027-04-01"]),
        (days_before(LAPSE, 8), ["30-8|2027-04-01"]),
        (days_before(LAPSE, 7), ["7-2|2027-04-01"]),
        (days_before(LAPSE, 2), ["7-2|2027-04-01"]),
        (days_before(LAPSE, 1), ["1-1|2027-04-01"]),
        (LAPSE, []),
        (LAPSE + timedelta(days=365), []),
    ],
)
async def test_which_day_is_warned_of(house: House, day: date, expected: list[str]) -> None:
    member_id = await house.ledger.member()
    await go_to(house, day)
    await warn(house)
    assert await keys(house, member_id) == expected


async def test_day_by_day_each_range_is_told_once(house: House) -> None:
    member_id = await house.ledger.member()
    for days in range(35, 0, -1):
        await go_to(house, days_before(LAPSE, days))
        await warn(house)
        await warn(house)
    assert await keys(house, member_id) == ["30-8|2027-04-01", "7-2|2027-04-01", "1-1|2027-04-01"]


@pytest.mark.parametrize("first", range(0, 30, 7))
async def test_month_by_month_a_warning_arrives(house: House, first: int) -> None:
    member_id = await house.ledger.member()
    for month in range(15):
        await go_to(house, date(2026, 3, 3) + timedelta(days=first + 30 * month))
        await warn(house)
        await expire(house)
    assert len(await keys(house, member_id)) == 1
    assert await house.ledger.balance(member_id) == 0


async def test_a_late_job_tells_the_right_amount(house: House) -> None:
    phone, member_id = await follower(house)
    await house.ledger.run(CheckIn, member_id)
    await go_to(house, days_before(LAPSE, 20))
    await house.ledger.run(Redeem, member_id, reward="cookie")
    await warn(house)
    house.clock.move_to((await notices(house, member_id, "expiry"))[-1]["due_at"])
    await deliver_notices(house.resources, house.clock.now())
    [message] = await phone.inbox("template")
    assert filled(message) == values(expiry.content(50, LAPSE, 20), demo_rules().notices.expiry.template)


async def test_what_is_spent_is_not_warned_of(house: House) -> None:
    member_id = await house.ledger.member()
    await go_to(house, days_before(LAPSE, 20))
    await house.ledger.pool.execute("UPDATE lot SET spent = remaining, remaining = 0")
    await house.ledger.pool.execute("UPDATE account SET spent = available, available = 0")
    await warn(house)
    assert await keys(house, member_id) == []


async def test_points_lapse_on_their_day_and_not_before(house: House) -> None:
    member_id = await house.ledger.member()
    await go_to(house, days_before(LAPSE, 1))
    await expire(house)
    assert await house.ledger.balance(member_id) == 100
    await go_to(house, LAPSE)
    await expire(house)
    assert await house.ledger.balance(member_id) == 0
    assert await house.ledger.count("entry", member_id=member_id, reason="lapsed") == 1


async def test_points_that_open_are_booked(house: House) -> None:
    member_id = await house.ledger.member()
    opens_on = date(2026, 4, 1)
    await house.ledger.pool.execute("UPDATE lot SET opened = false, opens_on = $1", opens_on)
    await house.ledger.pool.execute("UPDATE account SET pending = available, available = 0")
    for day, expected in ((days_before(opens_on, 1), 0), (opens_on, 100)):
        await go_to(house, day)
        await open_points(house.resources, house.clock.now())
        assert await house.ledger.balance(member_id) == expected


async def test_workers_at_once_book_and_warn_once(house: House) -> None:
    members = [await house.ledger.member() for _ in range(30)]
    await go_to(house, days_before(LAPSE, 5))
    await asyncio.gather(*(warn(house) for _ in range(4)))
    assert await house.ledger.count("notice", kind="expiry") == len(members)
    await go_to(house, LAPSE)
    await asyncio.gather(*(expire(house) for _ in range(4)))
    assert await house.ledger.count("entry", reason="lapsed") == len(members)


async def test_pages_reach_everyone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "PAGE_SIZE", 3)
    for _ in range(10):
        await house.ledger.member()
    await go_to(house, days_before(LAPSE, 5))
    assert await warn_expiring(house.resources, house.clock.now()) is None
    assert await house.ledger.count("notice", kind="expiry") == 10
    await go_to(house, LAPSE)
    assert await expire_points(house.resources, house.clock.now()) is None
    assert await house.ledger.count("lot", remaining=0) == 10


async def test_a_member_with_nothing_due_is_passed_by(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A closed account is refused by the engine; the sweep neither stops at it nor turns in circles."""
    monkeypatch.setattr(sweeps, "PAGE_SIZE", 1)
    closed, other = await house.ledger.member(), await house.ledger.member()
    await house.ledger.pool.execute("UPDATE account SET status = 'closed' WHERE member_id = $1", closed)
    await go_to(house, LAPSE)
    assert await expire_points(house.resources, house.clock.now()) is None
    assert await house.ledger.balance(closed) == 100
    assert await house.ledger.balance(other) == 0


async def test_one_member_s_error_does_not_keep_the_others(house: House) -> None:
    broken, other = await house.ledger.member(), await house.ledger.member()
    # A lot that contradicts its account: booking its lapse breaks the account's own check.
    await house.ledger.pool.execute(
        "UPDATE account SET available = 0, spent = 100 WHERE member_id = $1", broken
    )
    await go_to(house, LAPSE)
    with capture_logs() as logs:
        assert await expire_points(house.resources, house.clock.now()) is None
    assert [log["member_id"] for log in logs if log["event"] == "job_command_failed"] == [broken]
    assert await house.ledger.balance(other) == 0
    assert await house.ledger.count("lot", member_id=broken, remaining=100) == 1


async def test_a_sweep_out_of_time_is_carried_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "PAGE_SIZE", 2)
    for _ in range(5):
        await house.ledger.member()
    await go_to(house, LAPSE)
    monkeypatch.setattr(sweeps, "Budget", OnePage)
    daily = DailySweep(expire_points)
    for expected in (2, 4, 5, 5):
        await daily(house.resources, house.clock.now())
        assert await house.ledger.count("lot", remaining=0) == expected


async def test_a_page_looks_at_so_many_whoever_has_had_theirs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among millions who were warned before, one statement must not look for the next who was not."""
    first, second, *_ = [await house.ledger.member() for _ in range(5)]
    await go_to(house, days_before(LAPSE, 30))
    await warn(house)
    latecomer = await house.ledger.member()
    monkeypatch.setattr(sweeps, "PAGE_SIZE", 2)
    monkeypatch.setattr(sweeps, "Budget", OnePage)
    assert first < second
    assert await warn_expiring(house.resources, house.clock.now()) == (LAPSE, second)
    await house.ledger.pool.execute("UPDATE lot SET expires_on = $1 WHERE member_id = $2", LAPSE, latecomer)
    daily = DailySweep(warn_expiring)
    for expected in (5, 5, 6):
        await daily(house.resources, house.clock.now())
        assert await house.ledger.count("notice", kind="expiry") == expected


async def test_a_daily_sweep_rests_until_the_next_day(house: House) -> None:
    cursors = []

    async def sweep(resources: object, now: object, after: sweeps.Cursor = START) -> sweeps.Cursor | None:
        cursors.append(after)
        return (date(2026, 1, 1), len(cursors)) if len(cursors) < 3 else None

    daily = DailySweep(sweep)
    for _ in range(6):
        await daily(house.resources, house.clock.now())
    assert cursors == [START, (date(2026, 1, 1), 1), (date(2026, 1, 1), 2)]
    house.clock.advance(86_400)
    await daily(house.resources, house.clock.now())
    assert cursors[3:] == [START]


async def test_a_notice_that_was_told_before_is_not_written_again(house: House) -> None:
    member_id = await house.ledger.member()
    await go_to(house, days_before(LAPSE, 20))
    key = await owe(house, member_id)
    await warn(house)
    assert await keys(house, member_id) == [key]


IN_REACH = "现在够换「手工曲奇一份」，发「兑换」看能换什么。"
EXTENDED = {"months": 12, "extension": {"days": 30, "price_points": 5, "within_days": 10}}


@pytest.mark.parametrize(
    ("days_left", "expected"),
    [
        (20, f"你有 100 积分 2027年3月31日前有效，记得用哦。{IN_REACH}"),
        (
            7,
            f"你有 100 积分 2027年3月31日前有效，记得用哦。{IN_REACH}用不完也可以发「延期」，延到 2027年4月30日，用 5 积分。",
        ),
    ],
)
async def test_a_warning_offers_an_extension_only_when_it_is_possible(
    house: House, days_left: int, expected: str
) -> None:
    await house.ledger.publish(rules_with(expiry=EXTENDED, notices={"quiet_hours": None}))
    phone, _ = await follower(house)
    await go_to(house, days_before(LAPSE, days_left))
    await phone.say("积分")
    await warn(house)
    await deliver_notices(house.resources, house.clock.now())
    [message] = await phone.inbox("custom")
    assert message["content"] == chat_text(Content(expected, 0, ""), demo_rules().programme)


CUP = {"id": "cup", "name": "杯子", "kind": "voucher", "price_points": 60}
REWARDS = [
    CUP,
    CUP | {"id": "pen", "name": "笔", "price_points": 5},
    CUP | {"id": "lamp", "name": "灯", "price_points": 90},
]


@pytest.mark.parametrize(
    ("points", "rewards", "more"),
    [
        (80, REWARDS, "现在够换「杯子」，发「兑换」看能换什么。"),
        (4, REWARDS, ""),
        (80, [CUP | {"stock": 0}], ""),
        (80, [CUP | {"tiers": ["diamond"]}], ""),
        (80, [], ""),
    ],
)
async def test_a_warning_offers_only_a_reward_that_is_possible(
    house: House, points: int, rewards: list[dict[str, Any]], more: str
) -> None:
    """D12: a member with 80 points expiring is offered only what is possible."""
    notices = {"quiet_hours": None}
    await house.ledger.publish(rules_with(welcome={"points": points}, rewards=rewards, notices=notices))
    phone, _ = await follower(house)
    await go_to(house, days_before(LAPSE, 7))
    await phone.say("积分")
    await warn(house)
    await deliver_notices(house.resources, house.clock.now())
    [message] = await phone.inbox("custom")
    expected = f"你有 {points} 积分 2027年3月31日前有效，记得用哦。{more}"
    assert message["content"] == chat_text(Content(expected, 0, ""), demo_rules().programme)


@pytest.mark.parametrize(("lapsing", "name"), [(95, "灯"), (60, "杯子"), (4, "笔")])
async def test_the_dearest_that_these_points_pay_or_else_the_cheapest(
    house: House, lapsing: int, name: str
) -> None:
    await house.ledger.publish(rules_with(rewards=REWARDS))
    member, live = await house.ledger.member(), await house.ledger.live()
    found = await reward_in_reach(member, live, house.clock.now(), lapsing)
    assert found is not None
    assert found.name == name
