"""Messages with a character that nobody needs: answered to the member who sent them, in every mode and form."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.line import Line
from tests.bot.told import SIGNED_BEFORE, SIGNED_IN
from tests.house import House, open_house

PASTED = "<a><![CDATA[x]]></a>"
FORMS = [(mode, form) for mode in ("plain", "compatible", "safe") for form in ("xml", "json")]


@pytest.fixture
async def open_to_all(
    migrated_url: str, redis_url: str, tmp_path: Path, unused_tcp_port: int
) -> AsyncIterator[House]:
    """A house that takes plain pushes and encrypted ones."""
    async with open_house(
        migrated_url, redis_url, tmp_path, unused_tcp_port, oa_message_mode="plain"
    ) as opened:
        yield opened


async def test_broken_characters_and_injections_in_every_mode(open_to_all: House) -> None:
    house, line = open_to_all, Line(open_to_all)
    sender, victim = await house.follower("小明"), await house.follower("受害人")
    theirs = await house.ledger.traces(await house.member_of(victim))
    forged = (
        f"x]]></Content><FromUserName><![CDATA[{victim.oa_openid}]]></FromUserName><Content><![CDATA[签到"
    )
    begun = False
    for mode, form in FORMS:
        for text in (
            "签到\x02",
            "\x1b签到",
            "签到\ufffe",
            "签到\udce5\udc88",
            "签到\ud83d",
            "签到\ufffd",
            "签到\x00",
            "签到\udc0a",
        ):
            reply = await line.push(line.text(sender, text), mode=mode, form=form)
            assert reply is not None
            assert reply.content.startswith(SIGNED_BEFORE if begun else SIGNED_IN), (mode, form, text)
            begun = True
        for text in (PASTED, forged):
            reply = await line.push(line.text(sender, text), mode=mode, form=form)
            assert reply is not None
            assert "签到" in reply.content
    assert await house.ledger.traces(await house.member_of(victim)) == theirs
    assert await house.ledger.count("check_in") == 1


async def test_the_emulators_hand_plays_it(house: House) -> None:
    phone = await house.follower()
    assert (await phone.say("签到\x02\ud83d"))["replies"][0]["content"].startswith(SIGNED_IN)
    assert (await phone.say(PASTED))["fault"] is None


@pytest.mark.parametrize("kind", ["bom", "raw_control"])
async def test_a_follower_whose_remark_is_broken_keeps_their_unionid(house: House, kind: str) -> None:
    await house.emulator.fault("/cgi-bin/user/info", kind)
    phone = await house.follower()
    unionid = await house.resources.pool.fetchval("SELECT subject FROM identity WHERE provider = 'unionid'")
    assert unionid == phone.unionid
    await house.session(phone)
    assert await house.ledger.count("member") == 1
