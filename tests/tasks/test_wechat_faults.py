"""Faults of the set-up at WeChat: booked once, their notices wait and go out exactly once when it is mended, or never."""

import asyncio
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from channels import faults
from channels.faults import LONGEST_PAUSE
from tasks.backlog import measure_backlog
from tasks.delivery import deliver_notices
from tasks.waiting import end_waiting
from tests.emulator.harness import Phone
from tests.house import House
from tests.ledger import ZONE, demo_rules
from tests.tasks.scenes import (
    CUSTOM_API,
    LAPSE,
    TEMPLATE_API,
    adopt,
    days_before,
    follower,
    go_to,
    notice,
    notices,
    owe,
)

IN_RANGE = days_before(LAPSE, 20)
MINUTE_S = 60
TOKEN_API = "/cgi-bin/stable_token"  # a path
NOTICES = demo_rules().notices
WARNING = NOTICES.expiry.template
WAKE_TEMPLATE = "ug8GY5O88fkL9vIaYxNp7BsLY01CxFgDodjVLGyyFdE"


async def deliver(house: House, workers: int = 1) -> None:
    """One tick of so many workers at once."""
    await asyncio.gather(*(deliver_notices(house.resources, house.clock.now()) for _ in range(workers)))
    await house.emulator.pushes()


async def crowd(house: House, count: int = 8) -> list[tuple[Phone, int]]:
    """Followers who are each owed a warning, twenty days before their points are gone."""
    found = [await follower(house, f"会员{number}") for number in range(count)]
    await go_to(house, IN_RANGE)
    for _, member_id in found:
        await owe(house, member_id)
    return found


async def told(found: list[tuple[Phone, int]]) -> list[int]:
    """How many warnings each phone has."""
    return [len(await phone.inbox("template")) for phone, _ in found]


async def states(house: House) -> set[tuple[str, bool]]:
    """The states of all notices, and whether they wait for a fault."""
    rows = await house.resources.pool.fetch("SELECT DISTINCT state, fault IS NOT NULL AS held FROM notice")
    return {(row["state"], row["held"]) for row in rows}


def left(house: House) -> int:
    """How often the fault in the emulator may still strike."""
    return sum(fault.times for fault in house.emulator.world.faults.pending())


async def mend(house: House) -> None:
    await house.emulator.control("DELETE", "/faults")


async def test_a_removed_template_costs_nothing_but_time(house: House) -> None:
    assert WARNING is not None
    found = await crowd(house)
    await house.emulator.fault("*", "template_removed", WARNING.template_id, times=1000)
    with capture_logs() as logs:
        await deliver(house)
        await deliver(house, workers=3)
    [said] = [entry for entry in logs if entry["event"] == "wechat_needs_an_operator"]
    assert (said["log_level"], said["api"], said["errcode"]) == ("error", TEMPLATE_API, 40037)
    assert said["target"] == f"template:{WARNING.template_id}"
    assert await states(house) == {("waiting", True)}
    [fault] = await faults.open_faults(house.resources.pool)
    assert (fault.errcode, fault.since) == (40037, house.clock.now())
    await measure_backlog(house.resources, house.clock.now())
    await mend(house)
    await deliver(house)
    assert await told(found) == [0] * 8, "the first probe comes after a minute"
    house.clock.advance(MINUTE_S)
    for _ in range(3):
        await deliver(house, workers=3)
    assert await told(found) == [1] * 8
    assert await states(house) == {("delivered", False)}
    assert await faults.open_faults(house.resources.pool) == []


@pytest.mark.parametrize("errcode", [40036, 40037, 40165, 41030, 47003, 48001, 50002, 40013, 99999])
async def test_no_notice_is_lost_to_a_fault_of_the_set_up(house: House, errcode: int) -> None:
    found = await crowd(house, 3)
    await house.emulator.fault(TEMPLATE_API, "errcode", errcode, times=1000)
    for _ in range(5):
        await deliver(house)
        house.clock.advance(MINUTE_S)
    assert await states(house) == {("waiting", True)}
    await mend(house)
    house.clock.advance(LONGEST_PAUSE.total_seconds())
    await deliver(house, workers=2)
    await deliver(house)
    assert await told(found) == [1] * 3


async def test_probes_are_few(house: House) -> None:
    await crowd(house)
    await house.emulator.fault(TEMPLATE_API, "errcode", 40037, times=1000)
    for _ in range(4 * 60):
        await deliver(house, workers=2)
        house.clock.advance(MINUTE_S)
    assert 1000 - left(house) <= 8 + 12, "one page of lanes, then after 1, 2, 4, 8, 16, 32 and 32 minutes"


async def test_nobody_is_probed_at_night(house: House) -> None:
    found = await crowd(house, 1)
    await house.emulator.fault(TEMPLATE_API, "errcode", 40037, times=1000)
    await deliver(house)
    await mend(house)
    house.clock.move_to(datetime.combine(IN_RANGE, time(23), ZONE))
    await deliver(house)
    assert await told(found) == [0]
    house.clock.move_to(datetime.combine(IN_RANGE + timedelta(days=1), time(9), ZONE))
    await deliver(house)
    assert await told(found) == [1]


async def test_what_is_no_longer_true_is_never_sent(house: House) -> None:
    found = await crowd(house, 2)
    await house.emulator.fault(TEMPLATE_API, "errcode", 40037, times=1000)
    await deliver(house)
    _, spent = found[0]
    await house.resources.pool.execute(
        "UPDATE lot SET spent = remaining, remaining = 0 WHERE member_id = $1", spent
    )
    await go_to(house, days_before(LAPSE, 2))
    await mend(house)
    await deliver(house)
    await deliver(house)
    assert (await notice(house, spent))["reason"] == "already_spent"
    assert await told(found) == [0, 1]


async def test_a_fault_that_outlives_its_notices_sends_none(house: House) -> None:
    found = await crowd(house, 2)
    await house.emulator.fault(TEMPLATE_API, "errcode", 40037, times=1000)
    await deliver(house)
    await go_to(house, LAPSE)
    await mend(house)
    await end_waiting(house.resources, house.clock.now())
    await deliver(house)
    assert await told(found) == [0, 0]
    assert await states(house) == {("suppressed", False)}


async def test_another_template_in_the_rules_mends_at_once(house: House) -> None:
    assert WARNING is not None
    found = await crowd(house, 3)
    await house.emulator.fault("*", "template_removed", WARNING.template_id, times=1000)
    await deliver(house)
    assert await states(house) == {("waiting", True)}
    assert NOTICES.wake_up.template is not None
    other = NOTICES.wake_up.template.model_dump(mode="json")
    await adopt(house, expiry={"template": other, "ranges_days": ((30, 8),)})
    await deliver(house)
    assert await told(found) == [1] * 3


async def test_one_message_s_own_fault_fails_alone(house: House) -> None:
    """47003 may be a value of this message, or a template whose fields have changed: another message tells which."""
    _, bad_id = await follower(house, "坏")
    await go_to(house, IN_RANGE)
    await owe(house, bad_id)
    await house.emulator.fault(TEMPLATE_API, "errcode", 47003)
    await deliver(house)
    assert (await notice(house, bad_id))["state"] == "waiting"
    good, good_id = await follower(house, "好")
    house.clock.advance(2 * MINUTE_S)
    await owe(house, good_id, points=1)
    await house.resources.pool.execute("UPDATE lot SET expires_on = $2 WHERE member_id = $1", good_id, LAPSE)
    await house.resources.pool.execute(
        "UPDATE notice SET state = 'waiting', reason = 'wechat_fault',"
        " fault = (SELECT target FROM wechat_fault) WHERE member_id = $1", good_id,
    )  # fmt: skip
    await deliver_notices(house.resources, house.clock.now())
    await house.emulator.pushes()
    assert len(await good.inbox("template")) == 1, "the probe is the one that was never tried"
    assert await faults.open_faults(house.resources.pool) == []
    assert (await notice(house, bad_id))["state"] == "delivered", "this time the platform takes it"


async def test_who_is_refused_again_after_others_were_sent_has_failed(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await owe(house, member_id)
    await house.emulator.fault(TEMPLATE_API, "errcode", 47003, times=2)
    await deliver(house)
    [fault] = await faults.open_faults(house.resources.pool)
    await faults.mend(house.resources.pool, fault.target, house.clock.now())
    await deliver(house)
    row = await notice(house, member_id)
    assert (row["state"], row["reason"], row["fault"]) == ("failed", "errcode_47003", None)
    assert await faults.open_faults(house.resources.pool) == []
    assert await phone.inbox("template") == []


async def test_a_wrong_secret_holds_one_account_only(house: House) -> None:
    phone, member_id = await follower(house)
    await house.session(phone)
    await phone.subscribe(WAKE_TEMPLATE)
    await house.emulator.pushes()
    await go_to(house, date(2026, 4, 10))
    headers = await house.session(phone)
    assert headers
    await owe(house, member_id)
    await house.emulator.fault(TOKEN_API, "errcode", 40125, times=1000)
    with capture_logs() as logs:
        await deliver(house)
        for _ in range(9):
            await deliver(house)
    refused = [entry for entry in logs if entry.get("errcode") == 40125]
    assert {entry["api"] for entry in refused} == {TOKEN_API}
    assert 1000 - left(house) == 1, "every run of the job asks for no token again"
    [fault] = await faults.open_faults(house.resources.pool)
    assert fault.target == f"account:{house.resources.official_account.app_id}"
    await mend(house)
    house.clock.advance(MINUTE_S)
    await deliver(house)
    assert len(await phone.inbox("template")) == 1


async def test_a_spent_quota_waits_for_the_next_day(house: House) -> None:
    found = await crowd(house, 5)
    await house.emulator.fault(TEMPLATE_API, "errcode", 45009, times=1000)
    await deliver(house)
    asked = left(house)
    for _ in range(12):
        house.clock.advance(MINUTE_S * 60)
        await deliver(house)
    assert left(house) == asked, "not asked again on that day"
    assert await states(house) == {("waiting", True)}
    await mend(house)
    house.clock.move_to(datetime.combine(IN_RANGE + timedelta(days=1), time(0), ZONE))
    await deliver(house)
    assert await told(found) == [0] * 5, "the quota is there again, and it is night"
    house.clock.move_to(datetime.combine(IN_RANGE + timedelta(days=1), time(20, 50), ZONE))
    await deliver(house)
    assert await told(found) == [1] * 5


async def test_where_one_api_is_not_granted_another_route_serves(house: House) -> None:
    phone, member_id = await follower(house)
    await go_to(house, IN_RANGE)
    await phone.say("积分")
    await house.emulator.fault(CUSTOM_API, "errcode", 48001, times=1000)
    for number in range(3):
        await owe(house, member_id, key=f"{number}|{LAPSE}")
        await deliver(house)
    assert 1000 - left(house) == 1
    assert len(await phone.inbox("template")) == 3
    assert [row["state"] for row in await notices(house, member_id)] == ["delivered"] * 3


async def test_a_visit_sends_by_the_window_what_waited_for_the_template(house: House) -> None:
    found = await crowd(house, 1)
    (phone, _), *_ = found
    await house.emulator.fault(TEMPLATE_API, "errcode", 40037, times=1000)
    await deliver(house)
    await phone.say("积分")
    await deliver(house)
    assert len(await phone.inbox("custom")) == 1
    await mend(house)
    house.clock.advance(3600)
    await deliver(house)
    assert await told(found) == [0]


async def test_an_operator_s_word_tries_at_once(house: House) -> None:
    found = await crowd(house, 2)
    await house.emulator.fault(TEMPLATE_API, "errcode", 40037, times=1000)
    for _ in range(40):
        await deliver(house)
        house.clock.advance(MINUTE_S)
    await mend(house)
    await deliver(house)
    assert await told(found) == [0, 0]
    assert len(await faults.probe_now(house.resources.pool, house.clock.now())) == 1
    await deliver(house)
    assert await told(found) == [1, 1]


async def asked(house: House, path: str, headers: dict[str, str]) -> tuple[int, int, Any]:
    async with house.http.get(f"{house.server_url}/api/v1{path}", headers=headers) as answer:
        return answer.status, int(answer.headers["Retry-After"]), (await answer.json())["detail"]


@pytest.mark.parametrize(
    ("errcode", "seconds", "sentence"),
    [
        (-1, 5, "登录暂时没有成功，请稍后再试。"),
        (45009, 14 * 3600, "今天的登录次数已经用完，请明天再试。"),
        (40164, 600, "登录暂时用不了，需要工作人员处理，请晚些时候再试。"),
        (40125, 600, "登录暂时用不了，需要工作人员处理，请晚些时候再试。"),
    ],
)
async def test_a_login_hears_when_to_come_again(
    house: House, errcode: int, seconds: int, sentence: str
) -> None:
    phone = await house.phone()
    await house.emulator.fault("/sns/jscode2session", "errcode", errcode, times=3)
    with capture_logs() as logs:
        async with house.http.post(
            f"{house.server_url}/api/v1/session", json={"code": await phone.login()}
        ) as answer:
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) == seconds
            assert (await answer.json())["detail"] == sentence
    assert errcode in {entry.get("errcode") for entry in logs}


async def test_a_poster_of_an_unreleased_page_hears_when_to_come_again(house: House) -> None:
    phone = await house.phone()
    headers = await house.session(phone)
    await house.emulator.fault("/wxa/getwxacodeunlimit", "errcode", 41030, times=3)
    status, seconds, sentence = await asked(house, "/referral/qrcode.png?kind=miniapp", headers)
    assert (status, seconds) == (503, 600)
    assert sentence == "二维码暂时用不了，需要工作人员处理，请晚些时候再试。"


@pytest.mark.parametrize(("errcode", "words"), [(48001, "需要工作人员处理"), (45009, "请明天再发")])
async def test_the_chat_says_when_to_ask_again(house: House, errcode: int, words: str) -> None:
    phone = await house.follower()
    await house.emulator.fault("/cgi-bin/qrcode/create", "errcode", errcode, times=3)
    [reply] = (await phone.say("邀请"))["replies"]
    assert words in reply["text"]


async def test_a_kill_between_the_mend_and_the_release_loses_no_notice(house: House) -> None:
    """The worker dies after it has recorded the mend, and is started again hours later."""
    found = await crowd(house, 3)
    await house.emulator.fault(TEMPLATE_API, "errcode", 40037, times=1000)
    await deliver(house)
    await mend(house)
    [fault] = await faults.open_faults(house.resources.pool)
    await faults.mend(house.resources.pool, fault.target, house.clock.now())
    house.clock.advance(3 * 60 * MINUTE_S)
    await deliver(house)
    await deliver(house)
    assert await told(found) == [1] * 3
    assert await states(house) == {("delivered", False)}
