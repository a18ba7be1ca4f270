"""Plain pushes, which do not prove their account: the mini-program's must not pass for the official account's."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.line import Line
from tests.bot.told import SIGNED_BEFORE, SIGNED_IN
from tests.house import House, open_house


@pytest.fixture
async def house(
    migrated_url: str, redis_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[House]:
    """A house whose account takes plain pushes."""
    mode = {"oa_message_mode": "plain", "emulator": {"message_mode": "plain"}}
    async with open_house(migrated_url, redis_url, tmp_path, unused_tcp_port, **mode) as opened:
        yield opened


async def test_a_message_to_the_mini_program_makes_no_second_member(house: House, line: Line) -> None:
    phone = await house.phone(unionid=False)
    await house.session(phone)
    asked = line.text(phone, "签到", FromUserName=phone.miniapp_openid)
    assert await line.push(asked, mode="plain") is None
    assert await house.ledger.count("member") == 1
    assert await house.ledger.count("check_in") == 0


async def test_a_permission_given_in_the_mini_program_counts(house: House, line: Line) -> None:
    phone = await house.phone()
    await house.session(phone)
    choice = {"TemplateId": "T1", "SubscribeStatusString": "accept", "PopupScene": "1"}
    event = line.event(
        phone.miniapp_openid, "subscribe_msg_popup_event", SubscribeMsgPopupEvent={"List": [choice]}
    )
    assert await line.push(event, mode="plain") is None
    assert await house.ledger.count("consent", template_id="T1", granted=1) == 1


async def test_the_accounts_own_messages_are_answered(house: House, line: Line) -> None:
    phone = await house.follower()
    await house.session(phone)
    assert (await phone.say("签到"))["replies"][0]["content"].startswith(SIGNED_IN)
    reply = await line.push(line.text(phone, "签到"), mode="plain")
    assert reply is not None
    assert reply.content.startswith(SIGNED_BEFORE)
