"""投票 in the chat."""

import pytest

from bot.poll import HOW, NO_POLLS
from tests.bot.line import Line
from tests.house import House
from tests.ledger import rules_with

POLLS = [
    {"id": "taste", "title": "下一季想喝什么", "points": 5,
     "options": [{"id": "latte", "name": "燕麦拿铁"}, {"id": "cold", "name": "冷萃"}]},
    {"id": "seat", "title": "想要哪种座位", "options": [{"id": "bar", "name": "吧台"}, {"id": "sofa", "name": "沙发"}]},
]  # fmt: skip
LIST = """投票：
1. 下一季想喝什么，投票得 5 分
  1. 燕麦拿铁 0 票
  2. 冷萃 0 票
2. 想要哪种座位
  1. 吧台 0 票
  2. 沙发 0 票
发「投票 1 2」就投第 1 个投票的第 2 项，每人一票。"""


async def test_polls_in_the_chat(house: House, line: Line) -> None:
    phone = await house.follower()
    assert await line.say(phone, "投票") == NO_POLLS
    await house.ledger.publish(rules_with(polls=POLLS))
    assert await line.say(phone, "投票") == LIST
    for wrong in ("投票 1", "投票 1 3", "投票 3 1", "投票 冷萃"):
        assert await line.say(phone, wrong) == HOW
    message = line.text(phone, "投票 1 2")
    for _ in range(2):
        reply = await line.push(message)
        assert reply is not None
        assert reply.content.startswith("投给「冷萃」了，+5 分。当前积分 105。")
    assert (await line.say(phone, "投票1，1")).startswith("你已经投给「冷萃」了")
    assert (await line.say(phone, "投票 2 1")).startswith("投给「吧台」了。")
    shown = await line.say(phone, "投票")
    assert "1. 下一季想喝什么（已投）" in shown
    assert "  2. 冷萃 1 票 ✓" in shown
    assert "下一季想喝什么：每人一票，投了不能改，结果公开，投票得 5 积分" in await line.say(phone, "规则")


@pytest.mark.parametrize("said", ["投票 2", "投票2", "投票 第2项"])
async def test_one_number_is_enough_for_one_poll(house: House, line: Line, said: str) -> None:
    phone = await house.follower()
    await house.ledger.publish(rules_with(polls=POLLS[:1]))
    assert (await line.say(phone, said)).startswith("投给「冷萃」了")
