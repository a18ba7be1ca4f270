"""Answers that are late: promised, sent once, taken up after a crash, never repeated when nobody knows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from bot import in_flight, webhook
from bot.late_reply import promises, sending
from bot.late_reply.promises import Claimed, Promise
from loyalty.engine import lanes, transactions
from tests.bot.line import Line
from tests.bot.told import SIGNED_IN, signed_in
from tests.emulator.harness import Phone
from tests.house import House
from tests.loyalty.waiting import standing_in_the_way
from wechat.messages import Push, parse_push

SEND = "/cgi-bin/message/custom/send"


@asynccontextmanager
async def stuck(house: House, *tables: str) -> AsyncIterator[None]:
    """Another session holds these tables, so whoever writes to them waits."""
    other = await asyncpg.connect(house.resources.settings.database_url)
    try:
        async with other.transaction():
            await other.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
            yield
    finally:
        await other.close()


async def row(house: House) -> Any:
    return await house.resources.pool.fetchrow("SELECT state, reason, push::text AS push FROM late_reply")


async def state_of(house: House, *, settled: bool = True) -> str:
    for _ in range(200):
        found = await row(house)
        if found is not None and (not settled or found["state"] not in ("due", "sending")):
            return str(found["state"])
        await asyncio.sleep(0.05)
    raise AssertionError(await row(house))


async def owed(house: House, line: Line, phone: Phone, text: str = "签到") -> Promise:
    """A push that was promised an answer by a process that then died."""
    fields: Any = {name: str(value) for name, value in line.text(phone, text).items()}
    promise = Promise("oa", parse_push(fields), house.clock.now())
    await promises.store(house.resources, promise)
    return promise


async def test_a_slow_answer_follows_as_a_customer_service_message(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await house.follower()
    monkeypatch.setattr(webhook, "ANSWER_TIMEOUT_S", 0.5)
    async with stuck(house, "account"):
        answer = await phone.say("签到")
        assert (answer["attempts"], answer["replies"]) == (1, [])
    assert await state_of(house) == "sent"
    (message,) = await phone.inbox("custom")
    assert message["text"].startswith(signed_in(1))
    assert (await row(house))["push"] == "{}"
    assert await house.ledger.count("check_in") == 1


@pytest.mark.slow
async def test_at_full_length_the_platform_needs_one_try(house: House) -> None:
    phone = await house.follower()
    async with stuck(house, "account"):
        asked = asyncio.create_task(phone.say("签到"))
        answer = await asked
    assert (answer["attempts"], answer["replies"]) == (1, [])
    assert await state_of(house) == "sent"
    assert [item["text"].startswith(SIGNED_IN) for item in await phone.inbox("custom")] == [True]


async def test_a_try_that_learns_late_of_the_promise_does_not_take_it_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was silent: the promise of the first try was stored after all, and the second asks in vain for long."""

    phone = await house.follower()

    async def slowly(_promises: promises.Promises, _push: Push) -> bool:
        while await row(house) is None:  # noqa: ASYNC110  # stored by the webhook meanwhile
            await asyncio.sleep(0.02)
        return True

    monkeypatch.setattr(webhook, "ANSWER_TIMEOUT_S", 0.3)
    monkeypatch.setattr(in_flight, "RETRIES_COME_AFTER", timedelta(0))
    monkeypatch.setattr(promises.Promises, "include", slowly)
    answer = await phone.say("签到")
    assert (answer["attempts"], answer["replies"]) == (1, [])
    await asyncio.sleep(0.2)
    assert (await row(house))["state"] == "due"
    house.clock.advance(promises.LEASE.total_seconds())
    await sending.send_due(house.resources)
    assert [item["text"].startswith(SIGNED_IN) for item in await phone.inbox("custom")] == [True]


async def test_without_a_promise_the_try_times_out_and_the_next_one_is_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await house.follower()
    no_promise, store = asyncio.Event(), promises.store

    async def in_vain(resources: Any, owed: Promise) -> None:
        try:
            await store(resources, owed)
        except BaseException:
            monkeypatch.setattr(webhook, "ANSWER_TIMEOUT_S", 4.5)  # the next try is given its time
            no_promise.set()
            raise

    monkeypatch.setattr(webhook, "ANSWER_TIMEOUT_S", 0.1)
    monkeypatch.setattr(webhook, "PROMISE_TIMEOUT_S", 0.1)
    monkeypatch.setattr(webhook, "WECHAT_GIVES_UP_AFTER_S", 0.5)
    monkeypatch.setattr(promises, "store", in_vain)
    async with stuck(house, "account", "late_reply"):
        asked = asyncio.create_task(phone.say("签到"))
        await no_promise.wait()
    answer = await asked
    assert answer["attempts"] == 2
    assert answer["replies"][0]["content"].startswith(signed_in(1))
    assert await row(house) is None
    assert await house.ledger.count("check_in") == 1


async def test_what_a_crash_left_behind_is_answered_once(house: House, line: Line) -> None:
    phone = await house.follower()
    await owed(house, line, phone)
    house.clock.advance(29)
    assert await sending.send_due(house.resources) == 0
    house.clock.advance(2)
    await asyncio.gather(*(sending.send_due(house.resources) for _ in range(5)))
    assert await state_of(house) == "sent"
    assert [item["text"].startswith(SIGNED_IN) for item in await phone.inbox("custom")] == [True]


async def test_a_command_that_was_done_before_the_crash_is_told_not_repeated(
    house: House, line: Line
) -> None:
    phone = await house.follower()
    fields = line.text(phone, "抽奖")
    reply = await line.push(fields)
    texts: Any = {name: str(value) for name, value in fields.items()}
    await promises.store(house.resources, Promise("oa", parse_push(texts), house.clock.now()))
    house.clock.advance(31)
    await sending.send_due(house.resources)
    assert await state_of(house) == "sent"
    assert reply is not None
    assert [item["content"] for item in await phone.inbox("custom")] == [reply.content]
    assert await house.ledger.count("draw") == 1


async def test_a_repeat_of_a_promised_message_is_answered_success(house: House, line: Line) -> None:
    phone = await house.follower()
    fields = line.text(phone, "签到")
    texts: Any = {name: str(value) for name, value in fields.items()}
    await promises.store(house.resources, Promise("oa", parse_push(texts), house.clock.now()))
    house.clock.advance(5)
    assert await line.push(fields) is None
    assert await house.ledger.count("check_in") == 0


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("errcode", 45015, ("failed", "errcode_45015")),
        ("errcode", 47001, ("failed", "errcode_47001")),
        ("drop", None, ("unknown", "OutcomeUnknown")),
    ],
)
async def test_a_send_that_failed_for_good(
    house: House, line: Line, kind: str, value: object, expected: tuple[str, str]
) -> None:
    phone = await house.follower()
    await owed(house, line, phone)
    await house.emulator.fault(SEND, kind, value)
    house.clock.advance(31)
    await sending.send_due(house.resources)
    await state_of(house)
    found = await row(house)
    assert (found["state"], found["reason"]) == expected
    house.clock.advance(600)
    await sending.send_due(house.resources)
    assert (await row(house))["state"] == expected[0]


async def test_a_fault_of_the_set_up_may_be_mended_within_the_hour(house: House, line: Line) -> None:
    phone = await house.follower()
    await phone.say("积分")
    await owed(house, line, phone)
    await house.emulator.fault(SEND, "errcode", 48001)
    house.clock.advance(31)
    await sending.send_due(house.resources)
    found = await row(house)
    assert (found["state"], found["reason"]) == ("due", "errcode_48001")
    house.clock.advance(599)
    assert await sending.send_due(house.resources) == 0
    house.clock.advance(1)
    await sending.send_due(house.resources)
    assert (await row(house))["state"] == "sent"


async def test_a_send_that_failed_in_passing_is_tried_again(house: House, line: Line) -> None:
    phone = await house.follower()
    await phone.say("积分")
    await owed(house, line, phone)
    await house.emulator.fault(SEND, "errcode", -1)
    house.clock.advance(31)
    await sending.send_due(house.resources)
    assert await state_of(house, settled=False) == "due"
    house.clock.advance(31)
    await sending.send_due(house.resources)
    assert await state_of(house) == "sent"
    assert len(await phone.inbox("custom")) == 1


async def test_a_process_that_died_while_sending_leaves_it_unknown(house: House, line: Line) -> None:
    phone = await house.follower()
    await owed(house, line, phone)
    await house.resources.pool.execute("UPDATE late_reply SET state = 'sending'")
    house.clock.advance(31)
    await sending.send_due(house.resources)
    assert await state_of(house) == "unknown"
    assert await phone.inbox("custom") == []


@pytest.mark.parametrize(
    ("word", "waited_s", "expected"), [("签到", 3_500, "sent"), ("签到", 3_700, "suppressed")]
)
async def test_an_answer_that_makes_no_sense_any_more_is_not_sent(
    house: House, line: Line, word: str, waited_s: int, expected: str
) -> None:
    phone = await house.follower()
    await phone.say("积分")
    await owed(house, line, phone, word)
    house.clock.advance(waited_s)
    await sending.send_due(house.resources)
    assert await state_of(house) == expected


async def test_an_outage_of_one_member_costs_no_promise_an_attempt(
    house: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that hangs holds one member's row for long; the members behind it are answered meanwhile, and that one after it."""
    monkeypatch.setattr(transactions, "SETTINGS", transactions.SETTINGS.replace("'3s'", "'20ms'"))
    monkeypatch.setattr(lanes, "ATTEMPTS", 2)
    monkeypatch.setattr(sending, "MAX_ATTEMPTS", 2)
    held, free = await house.follower("小红"), await house.follower("小明")
    for phone in (held, free):
        await phone.say("积分")
        await owed(house, line, phone)
        house.clock.advance(1)
    lock = "SELECT FROM account WHERE member_id = $1 FOR UPDATE"
    async with standing_in_the_way(
        house.resources.settings.database_url or "", lock, await house.member_of(held)
    ):
        house.clock.advance(31)
        assert await sending.send_due(house.resources) == 2
        assert [len(await phone.inbox("custom")) for phone in (held, free)] == [0, 1]
        for _ in range(sending.MAX_ATTEMPTS + 1):
            house.clock.advance(6)
            assert await sending.send_due(house.resources) == 1
    house.clock.advance(6)
    await sending.send_due(house.resources)
    assert [item["text"].startswith(SIGNED_IN) for item in await held.inbox("custom")] == [True]


async def test_a_push_that_kills_its_handler_is_given_up(house: House, line: Line) -> None:
    await owed(house, line, await house.follower())
    await house.resources.pool.execute("UPDATE late_reply SET attempts = $1", sending.MAX_ATTEMPTS)
    house.clock.advance(31)
    await sending.send_due(house.resources)
    assert (await row(house))["reason"] == "gave_up"


async def test_a_stored_push_is_the_same_push(house: House, line: Line) -> None:
    phone = await house.follower()
    promise = await owed(house, line, phone, "兑换 2")
    (stored,) = await house.resources.pool.fetch("SELECT push::text AS push FROM late_reply")
    again = Claimed("key", stored["push"], promise.received_at, attempts=1).promise().push
    assert again.message_key == promise.push.message_key
    assert again.content == "兑换 2"
