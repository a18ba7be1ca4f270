"""The lock of the webhook: what is refused, what is repeated, what is too big."""

import asyncio
from datetime import datetime
from typing import Any

import aiohttp
import asyncpg
import pytest
from tortoise.exceptions import DBConnectionError

from bot import admission, webhook
from bot.admission import OVERDUE_MESSAGES, Admission
from bot.answers import APOLOGY, BUSY, NOT_OPEN
from bot.conversation import is_outage
from bot.webhook import Reception
from loyalty.engine.transactions import EngineUnavailable
from tests.bot.line import Line
from tests.bot.told import NOT_ENOUGH, SIGNED_BEFORE, SIGNED_IN, TOO_LATE, signed_in
from tests.house import House
from tests.loyalty.waiting import standing_in_the_way, until_blocked
from wechat.opening import Opened

ENCRYPTED = b"<xml><ToUserName>gh</ToUserName><Encrypt>AAAA</Encrypt></xml>"


async def refused(line: Line, query: dict[str, str], body: bytes = ENCRYPTED) -> tuple[int, str]:
    async with line.house.http.post(line.url, params=query, data=body) as answer:
        return answer.status, await answer.text()


async def test_the_platforms_question_is_answered_bare(house: House, line: Line) -> None:
    async with house.http.get(line.url, params=line.signed(echostr="<b>4711")) as answer:
        assert (answer.status, await answer.text()) == (200, "<b>4711")
        assert answer.headers["Content-Type"].startswith("text/plain")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "change", [{"signature": "0" * 40}, {"nonce": "9"}, {"echostr": ""}, {"timestamp": "x"}]
)
async def test_a_wrong_question_is_refused(house: House, line: Line, change: dict[str, str]) -> None:
    query = line.signed(echostr="4711") | change
    if not query["echostr"]:
        del query["echostr"]
    async with house.http.get(line.url, params=query) as answer:
        assert (answer.status, await answer.text()) == (403, "refused")


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({"msg_signature": "0" * 40}, ENCRYPTED),
        ({"msg_signature": "0" * 40, "encrypt_type": "aes"}, ENCRYPTED),
        ({"encrypt_type": "aes"}, ENCRYPTED),
        ({"encrypt_type": "rot13"}, ENCRYPTED),
        ({"timestamp": "1700000000"}, ENCRYPTED),
        ({}, b""),
        ({}, b"<xml>"),
        ({}, b"\xff\xfe"),
        ({"encrypt_type": "aes"}, b"<!DOCTYPE x [<!ENTITY a 'b'>]><xml>&a;</xml>"),
        ({"encrypt_type": "aes"}, b'{"Encrypt": ' + b"[" * 100_0 + b"}"),
    ],
)
async def test_whatever_is_wrong_gets_one_answer(
    house: House, line: Line, change: dict[str, str], body: bytes
) -> None:
    assert await refused(line, line.signed() | change, body) == (403, "refused")
    assert await house.ledger.count("member") == 0


async def test_a_plain_post_to_a_safe_account_is_refused(house: House, line: Line) -> None:
    """One captured query must not authorise a forged body."""
    body = (
        b"<xml><ToUserName>gh</ToUserName><FromUserName>oVictim</FromUserName><CreateTime>1772416800</CreateTime>"
        b"<MsgType>text</MsgType><Content>\xe7\xad\xbe\xe5\x88\xb0</Content><MsgId>1</MsgId></xml>"
    )
    assert await refused(line, line.signed(), body) == (403, "refused")
    assert await house.ledger.count("member") == 0


@pytest.mark.parametrize("fault", ["bad_signature", "plain_push", "other_key"])
async def test_what_the_emulator_forges_is_refused(house: House, fault: str) -> None:
    phone = await house.follower()
    key = "ABCdefghijklmnopqrstuvwxyz0123456789ABCDEFG" if fault == "other_key" else None
    await house.emulator.fault("push", fault, key)
    assert (await phone.say("签到"))["replies"] != []  # what the phone sees is that the service failed
    assert await house.ledger.count("check_in") == 0


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_64_kib_is_refused(house: House, line: Line, chunked: bool) -> None:
    async def parts() -> Any:
        for _ in range(70):
            yield b"x" * 1024

    data: Any = parts() if chunked else b"x" * 70 * 1024
    async with house.http.post(line.url, params=line.signed(), data=data) as answer:
        assert answer.status == 413


async def test_a_body_that_dawdles_is_refused(
    house: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "BODY_TIMEOUT_S", 0.2)

    async def parts() -> Any:
        yield b"<xml>"
        await asyncio.sleep(1)
        yield b"</xml>"

    async with house.http.post(line.url, params=line.signed(), data=parts()) as answer:
        assert answer.status == 403


async def test_other_methods_are_not_allowed(house: House, line: Line) -> None:
    async with house.http.put(line.url, params=line.signed()) as answer:
        assert answer.status == 405


async def test_a_repeated_message_hears_the_same_and_counts_once(house: House, line: Line) -> None:
    phone = await house.follower()
    message = line.text(phone, "签到")
    replies = [await line.push(message) for _ in range(3)]
    assert replies[0] is not None
    assert replies[0].content.startswith(signed_in(1))
    assert replies == [replies[0]] * 3
    assert await house.ledger.balance(await house.member_of(phone)) == 110


async def test_fifty_at_once_hear_the_same_and_count_once(house: House, line: Line) -> None:
    phone = await house.follower()
    message = line.text(phone, "抽奖")
    replies = await asyncio.gather(*(line.push(message) for _ in range(50)))
    assert len({reply.content for reply in replies if reply}) == 1
    assert await house.ledger.count("draw") == 1


async def test_a_repeated_refusal_stays_refused(house: House, line: Line) -> None:
    phone = await house.follower()
    message = line.text(phone, "兑换 3")
    first = await line.push(message)
    await house.ledger.give(await house.member_of(phone), 200)
    second = await line.push(message | {"CreateTime": int(house.clock.now().timestamp())})
    assert first is not None
    assert first.content.startswith(NOT_ENOUGH)
    assert second == first
    assert await house.ledger.count("redemption") == 0


async def test_a_message_that_comes_a_day_late_counts_for_its_own_day(house: House, line: Line) -> None:
    phone = await house.follower()
    late = line.text(phone, "签到")
    house.clock.advance(86_400)
    assert (await line.push(late)) is not None
    days = await house.resources.pool.fetch("SELECT day::text FROM check_in")
    assert [row["day"] for row in days] == ["2026-03-02"]
    assert (await line.say(phone, "签到")).startswith(signed_in(2))
    stale = await line.push(line.text(phone, "签到", CreateTime=late["CreateTime"]))
    assert stale is not None
    assert stale.content == TOO_LATE


async def test_two_words_in_one_second_are_two_messages(house: House, line: Line) -> None:
    phone = await house.follower()
    await asyncio.gather(line.say(phone, "抽奖"), line.say(phone, "抽奖"))
    assert await house.ledger.count("draw") == 2


async def test_a_message_with_an_odd_id(house: House) -> None:
    phone = await house.follower()
    await house.emulator.fault("push", "non_numeric_msgid")
    assert (await phone.say("签到"))["replies"][0]["content"].startswith(SIGNED_IN)


async def test_a_lost_reply_is_given_again(house: House) -> None:
    phone = await house.follower()
    await house.emulator.fault("push", "lost_reply")
    answer = await phone.say("签到")
    assert answer["attempts"] == 2
    assert answer["replies"][0]["content"].startswith(signed_in(1))
    assert await house.ledger.balance(await house.member_of(phone)) == 110


async def test_a_handler_that_fails_apologizes_and_the_member_was_here_all_the_same(
    house: House, line: Line
) -> None:
    phone = await house.follower()
    house.clock.advance(86_400)
    await house.resources.pool.execute("ALTER TABLE member RENAME COLUMN notices_opted_out TO gone")
    try:
        assert await line.say(phone, "退订提醒") == APOLOGY.text
    finally:
        await house.resources.pool.execute("ALTER TABLE member RENAME COLUMN gone TO notices_opted_out")
    seen = await house.resources.pool.fetchval("SELECT last_seen_on::text FROM account")
    assert seen == "2026-03-03"
    assert await house.resources.windows.take(phone.oa_openid, house.clock.now())


async def test_without_a_database_the_try_times_out_in_silence(
    house: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "WECHAT_GIVES_UP_AFTER_S", 0.5)
    phone = await house.follower()
    await house.resources.engine.__aexit__()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await line.push(line.text(phone, "签到"))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (EngineUnavailable("x"), True),
        (DBConnectionError("x"), True),
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (asyncpg.PostgresConnectionError(), True),
        (asyncpg.UndefinedColumnError(), False),
        (ValueError(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_absence_is_told_from_mistakes(error: Exception, expected: bool) -> None:
    assert is_outage(error) is expected


async def test_before_any_rules_are_in_force(house: House, line: Line) -> None:
    phone = await house.phone()
    await house.resources.pool.execute("DELETE FROM rule_version")
    assert await line.say(phone, "签到") == NOT_OPEN.text
    assert await house.resources.windows.take(phone.oa_openid, house.clock.now()), "they wrote all the same"


@pytest.fixture
def soon_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of a second is long to wait for, and a late answer is not promised meanwhile, however slow the machine."""
    monkeypatch.setattr(admission, "OVERDUE_S", 0.2)
    monkeypatch.setattr(webhook, "ANSWER_TIMEOUT_S", 60.0)


@pytest.mark.slow
@pytest.mark.usefixtures("soon_behind")
async def test_a_rush_is_answered_at_once_and_nothing_of_it_is_half_done(house: House, line: Line) -> None:
    """Nobody is served, and a crowd has waited for too long: who comes now is told so, and may come again."""
    phones = [await house.follower(f"会员{number}") for number in range(OVERDUE_MESSAGES + 1)]
    crowd, newcomer = phones[:-1], phones[-1]
    repeated = line.text(newcomer, "签到", CreateTime=int(house.clock.now().timestamp()) - 5)
    async with standing_in_the_way(
        str(house.resources.settings.database_url), "LOCK TABLE account IN EXCLUSIVE MODE"
    ) as other:
        waiting = [asyncio.create_task(line.say(phone, "签到")) for phone in crowd]
        await until_blocked(other)
        await asyncio.sleep(0.3)
        assert await line.say(newcomer, "签到") == BUSY.text
        repeat = asyncio.create_task(line.push(repeated))
        await asyncio.sleep(0.1)
        assert not repeat.done(), (
            "a repeat may be of something that is being carried out, so it is never shed"
        )
        assert await house.ledger.version(await house.member_of(newcomer)) == 1
        await other.execute("ROLLBACK")
        assert all(said.startswith(SIGNED_IN) for said in await asyncio.gather(*waiting))
        reply = await repeat
        assert reply is not None
        assert reply.content.startswith(SIGNED_IN)
    assert (await line.say(newcomer, "签到")).startswith(SIGNED_BEFORE)


@pytest.mark.usefixtures("soon_behind")
async def test_a_few_who_are_held_up_shed_nobody_else(house: House, line: Line) -> None:
    held_up, others = await house.follower("甲"), await house.follower("乙")
    member_id = await house.member_of(held_up)
    async with standing_in_the_way(
        str(house.resources.settings.database_url),
        "SELECT FROM account WHERE member_id = $1 FOR UPDATE",
        member_id,
    ) as other:
        waiting = asyncio.create_task(line.say(held_up, "签到"))
        await until_blocked(other)
        await asyncio.sleep(0.3)
        assert (await line.say(others, "签到")).startswith(SIGNED_IN)
        await other.execute("ROLLBACK")
        assert (await waiting).startswith(SIGNED_IN)


async def test_nothing_is_begun_for_whom_nobody_hears_any_more(
    house: House, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The platform hung up while the message waited for its turn; it will try again."""
    phone = await house.follower()
    waiting, go_on, over = asyncio.Event(), asyncio.Event(), asyncio.Event()
    begun: list[str] = []

    async def enter(_admission: Admission) -> float:
        waiting.set()
        await go_on.wait()
        over.set()
        return 0.0

    async def handle(_reception: Reception, opened: Opened, _now: datetime) -> None:
        begun.append(opened.push.message_key)

    monkeypatch.setattr(Admission, "enter", enter)
    monkeypatch.setattr(webhook, "_handle", handle)
    asked = asyncio.create_task(line.push(line.text(phone, "签到")))
    await waiting.wait()
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    await asyncio.sleep(0.5)
    go_on.set()
    await over.wait()
    await line.push(line.text(phone, "积分"))
    assert len(begun) == 1


@pytest.mark.parametrize(("waited_s", "is_shed"), [(0.9, False), (1.1, True), (3.0, True)])
async def test_who_waited_to_be_looked_at_is_shed_however_old_the_message_is_by_then(
    house: House, line: Line, monkeypatch: pytest.MonkeyPatch, waited_s: float, is_shed: bool
) -> None:
    phone = await house.follower()

    async def enter(_admission: Admission) -> float:
        house.clock.advance(waited_s)
        return waited_s

    monkeypatch.setattr(Admission, "enter", enter)
    said = await line.say(phone, "签到")
    assert said == BUSY.text if is_shed else said.startswith(SIGNED_IN)
    assert await house.ledger.count("check_in") == (not is_shed)
