"""D14 in the chat: 我的数据 says what is kept and how to get it."""

from bot.personal import TEXT
from tests.bot.line import Line
from tests.house import House


async def test_d14_what_is_kept_and_how_to_get_it(house: House) -> None:
    line, phone = Line(house), await house.follower()
    for said in ("我的数据", "导出个人信息"):
        assert await line.say(phone, said) == TEXT
    assert len(TEXT.encode()) <= 2_048
    assert "签到" in TEXT
    assert "每天最多 3 次" in TEXT
