"""D14 in the chat: a member asks to be erased, takes it back, asks again and is erased; who writes then is a new member."""

import pytest

from bot.erasure import MEANS, NOT_ASKED, TAKEN, TAKEN_BACK, WAITS
from loyalty.erasing.outcomes import MemberErased
from loyalty.erasing.requests import After, list_requests
from operators.members.erasing import erase_member
from tests.bot.line import Line
from tests.house import House
from tests.operators.desks import owner_desk


async def test_d14_asked_for_taken_back_and_carried_out(house: House) -> None:
    ledger, line, phone, friend = (
        house.ledger,
        Line(house),
        await house.follower(),
        await house.follower("小红"),
    )
    member, other = await house.member_of(phone), await house.member_of(friend)
    assert await line.say(phone, "注销 取消") == NOT_ASKED
    assert await line.say(phone, "删除我的信息") == MEANS
    for _ in range(2):
        assert await line.say(phone, "注销 确认") == TAKEN
    assert await line.say(phone, "注销") == WAITS
    assert await line.say(phone, "注销 取消") == TAKEN_BACK
    assert await list_requests(ledger.pool) == []
    await line.say(phone, "注销 确认")
    house.clock.advance(1)
    await line.say(friend, "注销 确认")
    first = await list_requests(ledger.pool, limit=1)
    rest = await list_requests(ledger.pool, After(first[0].asked_at, first[0].member_id))
    assert [one.member_id for one in first + rest] == [member, other]
    assert isinstance(await erase_member(owner_desk(ledger), member, "本人申请", forfeit=True), MemberErased)
    assert [one.member_id for one in await list_requests(ledger.pool)] == [other]
    assert (await line.say(phone, "签到")).startswith("签到成功")
    assert await house.member_of(phone) not in (member, other)


@pytest.mark.parametrize("said", ["注销 确 认", "注销 现在就删", "注销确认吧"])
async def test_only_the_words_themselves_ask_for_it(house: House, said: str) -> None:
    phone = await house.follower()
    await Line(house).say(phone, said)
    assert await house.ledger.count("erasure_request") == 0
