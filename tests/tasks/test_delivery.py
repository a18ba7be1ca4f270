"""Notices on their way through the real stack: database, Redis, server, and the emulator as WeChat."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from channels.notices import expiry, referral_rewarded, wake_up
from channels.outbox import LEASE, Claimed
from channels.send_errors import MAX_ATTEMPTS
from channels.sending import chat_text
from loyalty.audit import audit
from loyalty.ledger.calendar import day_start
from loyalty.members.profile import set_opt_out
from loyalty.rewards.commands import Redeem
from loyalty.rewards.views import reward_in_reach
from tasks import delivery, waiting
from tasks.delivery import deliver_notices
from tasks.waiting import end_waiting
from tests.house import House
from tests.ledger import DAY_S, KEYS, START, ZONE, demo_rules
from tests.tasks.scenes import (
    CUSTOM_API,
    LAPSE,
    SUBSCRIBE_API,
    TEMPLATE_API,
    adopt,
    days_before,
    filled,
    follower,
    go_to,
    miniapp_member,
    notice,
    notices,
    owe,
    values,
)

IN_RANGE = days_before(LAPSE, 20)
NOTICES = demo_rules().notices
WAKE_TEMPLATE = "ug8GY5O88fkL9vIaYxNp7BsLY01CxFgDodjVLGyyFdE"


async def deliver(house: House) -> int:
    return await deliver_notices(house.resources, house.clock.now())


async def outcome(house: House, member_id: int) -> tuple[Any, ...]:
    row = await notice(house, member_id)
    return row["state"], row["reason"], row["channel"]


async def test_expiry_goes_by_template_and_the_event_closes_it(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await owe(house, member_id)
    assert await deliver(house) == 1
    await house.emulator.pushes()
    [message] = await phone.inbox("template")
    assert filled(message) == values(expiry.content(100, LAPSE, 20), NOTICES.expiry.template)
    row = await notice(house, member_id)
    assert (row["state"], row["channel"], row["reason"]) == ("delivered", "template", None)
    assert row["message_id"] == str(message["msgid"])
    assert row["sent_at"] == house.clock.now()


async def test_a_blocked_account_is_told_by_the_event(house: House) -> None:
    phone, member_id = await follower(house)
    await phone.block()
    await go_to(house, IN_RANGE)
    await owe(house, member_id)
    await deliver(house)
    await house.emulator.pushes()
    assert await outcome(house, member_id) == ("failed", "failed:user block", "template")
    assert await phone.inbox("template") == []


async def test_within_the_window_a_customer_service_message_serves(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await phone.say("积分")
    await owe(house, member_id)
    await deliver(house)
    [message] = await phone.inbox("custom")
    now = house.clock.now()
    told = expiry.with_reward(
        expiry.content(100, LAPSE, 20), await reward_in_reach(member_id, await house.ledger.live(), now, 100)
    )
    assert message["content"] == chat_text(told, demo_rules().programme)
    assert await phone.inbox("template") == []
    assert await outcome(house, member_id) == ("sent", None, "customer_service")


async def test_after_the_window_s_last_message_the_template_serves(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await phone.say("积分")
    for number in range(6):
        await owe(house, member_id, key=f"{number}|{LAPSE}")
        await deliver(house)
    assert len(await phone.inbox("custom")) == 5
    assert len(await phone.inbox("template")) == 1


async def test_when_wechat_knows_better_about_the_window_the_next_way_serves(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await phone.say("积分")
    await house.emulator.fault(CUSTOM_API, "errcode", 45015)
    await owe(house, member_id)
    await deliver(house)
    assert len(await phone.inbox("template")) == 1


async def test_who_no_longer_follows_is_not_written_to_and_waits(house: House) -> None:
    phone, member_id = await follower(house)
    await phone.unfollow()
    await go_to(house, IN_RANGE)
    await owe(house, member_id)
    await deliver(house)
    assert await outcome(house, member_id) == ("waiting", "not_following", None)
    await phone.follow()
    await deliver(house)
    assert (await notice(house, member_id))["state"] == "sent"
    assert len(await phone.inbox("custom")) == 1


async def test_a_follower_wechat_has_lost_waits_with_its_errcode(house: House) -> None:
    _, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await house.emulator.fault(TEMPLATE_API, "errcode", 43004)
    await owe(house, member_id)
    await deliver(house)
    assert await outcome(house, member_id) == ("waiting", "errcode_43004", None)


async def test_without_a_template_expiry_waits_for_a_visit(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await adopt(house, expiry={"template": None, "ranges_days": ((30, 8),)})
    await owe(house, member_id)
    await deliver(house)
    assert (await notice(house, member_id))["state"] == "waiting"
    await phone.say("积分")
    await deliver(house)
    assert await outcome(house, member_id) == ("sent", None, "customer_service")


async def test_opted_out_means_not_written_to(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await set_opt_out(member_id, opted_out=True)
    await owe(house, member_id)
    await deliver(house)
    assert await outcome(house, member_id) == ("suppressed", "opted_out", None)
    assert await phone.inbox("template") == []


async def test_the_amount_is_right_at_send_time(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await owe(house, member_id, points=100)
    await house.ledger.run(Redeem, member_id, reward="cookie")
    await deliver(house)
    [message] = await phone.inbox("template")
    assert filled(message) == values(expiry.content(40, LAPSE, 20), NOTICES.expiry.template)


async def test_spent_points_need_no_warning(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await owe(house, member_id)
    await house.resources.pool.execute(
        "UPDATE lot SET spent = remaining, remaining = 0 WHERE member_id = $1", member_id
    )
    await deliver(house)
    assert await outcome(house, member_id) == ("suppressed", "already_spent", None)
    assert await phone.inbox("template") == []


async def test_a_warning_that_comes_too_late_is_not_sent(house: House) -> None:
    phone, member_id = await follower(house)
    await owe(house, member_id)
    await go_to(house, LAPSE)
    await deliver(house)
    assert await outcome(house, member_id) == ("suppressed", "too_late", None)
    assert await phone.inbox("template") == []


async def test_four_expiry_templates_a_month_and_no_more(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, date(2027, 3, 10))
    for number in range(6):
        await owe(house, member_id, key=f"{number}|{LAPSE}")
        await deliver(house)
    states = [(row["state"], row["reason"]) for row in await notices(house, member_id)]
    assert states[4:] == [("waiting", "monthly_quota")] * 2
    assert len(await phone.inbox("template")) == 4


async def test_the_quota_holds_when_all_go_at_once(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    for number in range(12):
        await owe(house, member_id, key=f"{number}|{LAPSE}")
    await asyncio.gather(*(deliver(house) for _ in range(3)))
    assert len(await phone.inbox("template")) <= 4


async def test_the_next_month_has_its_own_quota(house: House) -> None:
    phone, member_id = await follower(house)
    later = date(2027, 5, 1)
    await house.resources.pool.execute("UPDATE lot SET expires_on = $1", later)
    for day in (date(2027, 3, 30), date(2027, 4, 1)):
        await go_to(house, day)
        for number in range(3):
            await owe(house, member_id, key=f"{day}{number}|{later}", expires_on=later.isoformat())
        await deliver(house)
    assert len(await phone.inbox("template")) == 6


async def test_a_wake_up_takes_a_consent_first(house: House) -> None:
    phone, member_id = await follower(house)
    await house.session(phone)
    await phone.subscribe(WAKE_TEMPLATE)
    await house.emulator.pushes()
    await go_to(house, date(2026, 4, 10))
    await owe(house, member_id, "wake_up", points=100)
    await deliver(house)
    [message] = await phone.inbox("subscribe")
    assert filled(message) == values(wake_up.content(100), NOTICES.wake_up.subscribe)
    assert message["page"] == "pages/index/index"
    assert (await notice(house, member_id))["channel"] == "subscribe"
    assert await phone.inbox("template") == []


async def test_one_consent_is_one_message_then_the_template(house: House) -> None:
    phone, member_id = await follower(house)
    await house.session(phone)
    await phone.subscribe(WAKE_TEMPLATE)
    await house.emulator.pushes()
    await go_to(house, date(2026, 4, 10))
    for key in ("2026-03-02", "2026-03-03"):
        await owe(house, member_id, "wake_up", key, points=100)
        await deliver(house)
    assert len(await phone.inbox("subscribe")) == 1
    assert len(await phone.inbox("template")) == 1


async def test_without_consent_or_following_a_wake_up_waits(house: House) -> None:
    phone, member_id = await miniapp_member(house)
    await go_to(house, date(2026, 4, 10))
    await owe(house, member_id, "wake_up", points=100)
    await deliver(house)
    assert await outcome(house, member_id) == ("waiting", "no_consent", None)
    assert await phone.inbox() == []


async def test_a_permission_wakes_the_notice_that_waited_for_it(house: House) -> None:
    phone, member_id = await miniapp_member(house)
    await go_to(house, date(2026, 4, 10))
    headers, body = await house.session(phone), {"template": WAKE_TEMPLATE, "accepted": True}
    await owe(house, member_id, "wake_up", "2026-04-10", points=100)
    await deliver(house)
    for number in range(8):
        await owe(house, member_id, "referral_rewarded", f"{number}", friend_id=number, points=50)
    await house.resources.pool.execute(
        "UPDATE notice SET state = 'waiting', due_at = created_at + interval '1 day' WHERE kind <> 'wake_up'"
    )
    await phone.subscribe(WAKE_TEMPLATE)
    house.clock.advance(60)
    url = f"{house.server_url}/api/v1/subscriptions"
    async with house.http.post(url, headers=headers, json=body) as answer:
        assert answer.status == 200
    await deliver(house)
    await house.emulator.pushes()
    assert [row["state"] for row in await notices(house, member_id, "wake_up")] == ["delivered"]
    assert len(await phone.inbox("subscribe")) == 1


async def granted(house: House, member_id: int) -> int | None:
    found: int | None = await house.resources.pool.fetchval(
        "SELECT granted FROM consent WHERE member_id = $1 AND template_id = $2", member_id, WAKE_TEMPLATE
    )
    return found


@pytest.mark.parametrize(
    ("kind", "value", "state", "left"),
    [
        ("errcode", 43101, "waiting", 0),
        ("errcode", -1, "due", 2),
        ("errcode", 45009, "waiting", 2),
        ("errcode", 47003, "waiting", 2),
        ("http_502", None, "unknown", 1),
        ("drop_after", None, "unknown", 1),
    ],
)
async def test_what_becomes_of_the_consent(
    house: House, kind: str, value: int | None, state: str, left: int
) -> None:
    phone, member_id = await miniapp_member(house)
    for _ in range(2):
        await phone.subscribe(WAKE_TEMPLATE)
        await house.emulator.pushes()
        house.clock.advance(5)
    assert await granted(house, member_id) == 2
    await go_to(house, date(2026, 4, 10))
    await owe(house, member_id, "wake_up", points=100)
    await house.emulator.fault(SUBSCRIBE_API, kind, value)
    await deliver(house)
    assert (await notice(house, member_id))["state"] == state
    assert await granted(house, member_id) == left


async def test_who_came_back_needs_no_waking(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, date(2026, 4, 10))
    await owe(house, member_id, "wake_up", points=100)
    await phone.say("积分")
    await deliver(house)
    assert await outcome(house, member_id) == ("suppressed", "already_back", None)


async def test_a_referral_reward_is_told_in_the_window_or_at_the_next_visit(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, date(2026, 4, 10))
    await owe(house, member_id, "referral_rewarded", points=50, friend_id=9)
    await deliver(house)
    assert await outcome(house, member_id) == ("waiting", "window_closed", None)
    await phone.say("积分")
    await deliver(house)
    [message] = await phone.inbox("custom")
    assert message["content"] == chat_text(referral_rewarded.content(50), demo_rules().programme)


async def test_an_unknown_outcome_is_marked_and_never_repeated(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await owe(house, member_id)
    await house.emulator.fault(TEMPLATE_API, "drop_after")
    await deliver(house)
    assert await outcome(house, member_id) == ("unknown", "OutcomeUnknown", "template")
    for _ in range(3):
        house.clock.advance(3600)
        await phone.say("积分")
        assert await deliver(house) == 0
    assert len(await phone.inbox("template")) == 1
    assert (await notice(house, member_id))["state"] == "unknown"


async def test_a_worker_that_dies_in_the_send_leaves_an_unknown(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await owe(house, member_id)
    await house.emulator.fault(TEMPLATE_API, "latency", 2)
    dying = asyncio.create_task(deliver(house))
    while house.emulator.world.faults.pending():  # noqa: ASYNC110  # the emulator takes it, not we
        await asyncio.sleep(0.005)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    assert (await notice(house, member_id))["state"] == "sending"
    assert await deliver(house) == 0, "its lease still holds"
    house.clock.advance(LEASE.total_seconds())
    await deliver(house)
    assert await outcome(house, member_id) == ("unknown", "lease_over", "template")
    await asyncio.sleep(0.8)
    house.clock.advance(LEASE.total_seconds())
    await deliver(house)
    assert len(await phone.inbox("template")) <= 1


@pytest.mark.parametrize(("kind", "value"), [("errcode", -1), ("html", None)])
async def test_a_transient_error_is_tried_again_later(house: House, kind: str, value: int | None) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await owe(house, member_id)
    await house.emulator.fault(TEMPLATE_API, kind, value)
    await deliver(house)
    row = await notice(house, member_id)
    assert (row["state"], row["attempts"], row["channel"]) == ("due", 1, None)
    assert row["due_at"] == house.clock.now() + timedelta(seconds=30)
    assert await deliver(house) == 0
    house.clock.advance(30)
    await deliver(house)
    assert len(await phone.inbox("template")) == 1


async def test_a_transient_error_does_not_go_on_for_ever(house: House) -> None:
    _, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await owe(house, member_id)
    await house.emulator.fault(TEMPLATE_API, "errcode", -1, times=MAX_ATTEMPTS)
    for _ in range(MAX_ATTEMPTS):
        assert await deliver(house) == 1
        house.clock.advance(DAY_S)
    assert await outcome(house, member_id) == ("failed", "errcode_-1", None)
    assert await deliver(house) == 0


async def test_a_notice_nobody_can_read_fails_alone(house: House) -> None:
    phone, member_id = await follower(house)
    other, other_id = await follower(house, "小红")
    await go_to(house, IN_RANGE)
    await owe(house, member_id, "expiry", expires_on="soon")
    await owe(house, other_id)
    await deliver(house)
    assert await outcome(house, member_id) == ("failed", "ValueError", None)
    assert (len(await phone.inbox("template")), len(await other.inbox("template"))) == (0, 1)


async def test_many_workers_at_once_deliver_each_notice_once(house: House) -> None:
    phones = [await follower(house, f"会员{number}") for number in range(12)]
    await go_to(house, IN_RANGE)
    for _, member_id in phones:
        await owe(house, member_id)
    settled = await asyncio.gather(*(deliver(house) for _ in range(4)))
    assert sum(settled) == len(phones)
    for phone, _ in phones:
        assert len(await phone.inbox("template")) == 1


async def test_an_error_in_one_send_does_not_leave_the_others_unattended(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []

    async def of_three(_outlets: Any, _live: Any, claimed: Claimed, _now: datetime, _faulty: Any) -> None:
        if claimed.id.key == "0":
            raise ConnectionResetError
        await asyncio.sleep(0.1)
        ended.append(claimed.id.key)

    monkeypatch.setattr(delivery, "deliver", of_three)
    member_id = await house.ledger.member()
    for number in range(3):
        await owe(house, member_id, "referral_rewarded", f"{number}", friend_id=number, points=50)
    with pytest.raises(ConnectionResetError):
        await deliver(house)
    assert ended == ["1", "2"]


async def test_a_flushed_redis_loses_no_notice(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await phone.say("积分")
    await owe(house, member_id)
    await house.resources.redis.flushdb()
    await deliver(house)
    assert len(await phone.inbox("template")) == 1


async def test_an_unknown_member_is_suppressed(house: House) -> None:
    await owe(house, 999)
    await deliver(house)
    assert await outcome(house, 999) == ("suppressed", "no_member", None)


LAPSES_AT = day_start(LAPSE, ZONE)


@pytest.mark.parametrize(
    ("kind", "payload", "until"),
    [
        ("expiry", {}, LAPSES_AT),
        ("wake_up", {}, START + timedelta(days=30)),
        ("referral_rewarded", {"friend_id": 2, "points": 50}, START + timedelta(days=90)),
    ],
)
async def test_nothing_waits_for_a_visit_for_ever(
    house: House, kind: str, payload: dict[str, Any], until: datetime
) -> None:
    """The audit names what waits longer than it may; the job ends it in time, and a visit sends nothing stale."""
    member_id = await house.ledger.member()
    await owe(house, member_id, kind, **payload)
    await deliver(house)
    assert await outcome(house, member_id) == ("waiting", "not_following", None)
    house.clock.move_to(until - timedelta(seconds=1))
    assert await end_waiting(house.resources, house.clock.now()) == 0
    house.clock.move_to(until + timedelta(days=1, seconds=1))
    named = (await audit(house.resources.pool, house.clock.now(), KEYS)).violations
    assert ("I21", member_id) in {(one.invariant, one.member_id) for one in named}
    ended = await asyncio.gather(*(end_waiting(house.resources, house.clock.now()) for _ in range(3)))
    assert sum(ended) == 1
    assert await outcome(house, member_id) == ("suppressed", "waited_too_long", None)
    await house.resources.directory.note_visit(member_id, house.clock.now(), skip_if_known_today=False)
    await deliver(house)
    assert await outcome(house, member_id) == ("suppressed", "waited_too_long", None)


async def test_a_visit_does_not_make_a_notice_wait_longer(house: House) -> None:
    member_id = await house.ledger.member()
    await owe(house, member_id, "referral_rewarded", friend_id=2, points=50)
    for _ in range(4):
        house.clock.advance(30 * DAY_S)
        await house.resources.directory.note_visit(member_id, house.clock.now(), skip_if_known_today=False)
        await deliver(house)
    assert await outcome(house, member_id) == ("suppressed", "waited_too_long", None)


async def test_waiting_ends_in_pages(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PAGE_SIZE", 2)
    member_id = await house.ledger.member()
    for number in range(5):
        await owe(house, member_id, "referral_rewarded", f"{number}", friend_id=number, points=50)
    await deliver(house)
    house.clock.advance(90 * DAY_S)
    assert await end_waiting(house.resources, house.clock.now()) == 5
    assert await house.ledger.count("notice", state="suppressed") == 5
