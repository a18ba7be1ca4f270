"""The newcomer's gift comes with the first act, as WeChat bans points for following; at the follow only if the operator says so."""

import asyncio

import pytest

from bot.answers import Answer
from bot.conversation import with_gift
from bot.follow import welcome_text
from loyalty.audit import audit
from tests.bot.line import Line
from tests.bot.told import SIGNED_IN
from tests.house import House
from tests.ledger import KEYS, rules_with
from wechat.replies import Article

BRAND = "拾光咖啡"
FIRST_ACT = rules_with(welcome={"points": 100, "at": "first_act"})
GIFT = "100 积分见面礼已到账！\n"


@pytest.fixture
async def house(house: House) -> House:
    """A house whose rules say nothing of when the gift comes."""
    await house.ledger.publish(FIRST_ACT)
    return house


async def test_following_pays_nothing(house: House) -> None:
    phone = await house.phone()
    (welcome,) = (await phone.follow())["replies"]
    assert welcome["content"] == welcome_text(BRAND, 0, None, promised=100)
    assert "发「签到」领 100 积分见面礼" in welcome["content"]
    member_id = await house.member_of(phone)
    assert await house.ledger.balance(member_id) == 0
    await phone.unfollow()
    await phone.follow()
    await phone.scan("store_12")
    assert await house.ledger.balance(member_id) == 0


@pytest.mark.parametrize(("said", "balance"), [("签到", 110), ("积分", 100), ("嗯嗯嗯", 100)])
async def test_the_first_message_brings_it_once(house: House, said: str, balance: int) -> None:
    phone, line = await house.follower(), Line(house)
    first = await line.say(phone, said)
    assert first.startswith(GIFT)
    again = await line.say(phone, said)
    assert not again.startswith(GIFT)
    assert await house.ledger.balance(await house.member_of(phone)) == balance
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_a_menu_button_counts_as_a_message(house: House) -> None:
    phone = await house.follower()
    (reply,) = (await phone.tap("积分"))["replies"]
    assert reply["content"].startswith(GIFT)


async def test_a_first_draw_may_spend_it(house: House) -> None:
    phone, line = await house.follower(), Line(house)
    assert "用了 20 分" in await line.say(phone, "抽奖")


async def test_two_first_messages_at_once_bring_one_gift(house: House) -> None:
    phone, line = await house.follower(), Line(house)
    said = await asyncio.gather(*(line.say(phone, word) for word in ("积分", "明细", "等级", "签到")))
    assert any(SIGNED_IN in one for one in said)
    assert await house.ledger.balance(await house.member_of(phone)) == 110
    assert await house.ledger.count("receipt", scope="welcome", accepted=True) == 1


async def test_logging_in_to_the_mini_program_is_an_act(house: House) -> None:
    phone = await house.follower()
    headers = await house.session(phone)
    async with house.http.get(f"{house.server_url}/api/v1/me", headers=headers) as answer:
        assert (await answer.json())["balance"] == 100
    assert not (await Line(house).say(phone, "积分")).startswith(GIFT)


async def test_whoever_is_first_met_by_a_message_gets_it_with_that(house: House) -> None:
    """A follower from before there was a programme."""
    phone, line = await house.phone(), Line(house)
    await line.say(phone, "积分")
    assert await house.ledger.balance(await house.member_of(phone)) == 100


async def test_a_kill_between_the_follow_and_the_gift_loses_nothing(house: House) -> None:
    """The message came, and the process died before the gift: the next message brings it."""
    phone, line = await house.follower(), Line(house)
    member_id = await house.member_of(phone)
    assert await house.resources.engine.run_due_follow_ups(house.clock.now()) == 0, "it waits, and is not due"
    house.clock.advance(3 * 86_400)
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []
    assert (await line.say(phone, "积分")).startswith(GIFT)
    assert await house.ledger.balance(member_id) == 100


async def test_the_operator_may_pay_at_the_follow(house: House) -> None:
    await house.ledger.publish(rules_with(welcome={"points": 100, "at": "follow"}))
    phone = await house.phone()
    (welcome,) = (await phone.follow())["replies"]
    assert welcome["content"] == welcome_text(BRAND, 100, None)
    assert await house.ledger.balance(await house.member_of(phone)) == 100


def test_a_picture_has_no_room_for_the_sentence() -> None:
    picture = Answer("x", Article("a", "b", "c", "d"))
    assert with_gift(picture, 100) is picture
    assert with_gift(Answer("x"), 0) == Answer("x")
    assert with_gift(None, 100) is None


async def test_a_message_while_the_follow_is_still_being_handled_brings_it(house: House) -> None:
    """The message arrives before its sender is a member, and the follow makes them one while WeChat is asked for the unionid."""
    phone, line = await house.phone(), Line(house)
    await house.emulator.fault("/cgi-bin/user/info", "latency", 0.8, times=1)
    says = asyncio.create_task(line.say(phone, "积分"))
    await asyncio.sleep(0.4)
    await phone.follow()
    assert (await says).startswith(GIFT)
    assert await house.ledger.balance(await house.member_of(phone)) == 100
