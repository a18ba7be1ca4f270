"""建议 in the chat, in the API, and as an operator reads it."""

import pytest

from bot.suggestion import HOW
from loyalty.suggestions import suggestions
from tests.bot.line import Line
from tests.house import House
from tests.ledger import START, rules_with
from tests.loyalty.test_suggestions import TAKEN


async def test_suggestions_in_the_chat(house: House, line: Line) -> None:
    """C10: a member says what they wish, and hears that it was taken; the same message twice is one."""
    phone = await house.follower()
    assert await line.say(phone, "建议 早点开门") == "现在没有开通建议。\n有事请发「客服」找工作人员。"
    await house.ledger.publish(rules_with(**TAKEN))
    assert await line.say(phone, "提建议") == HOW
    message = line.text(phone, "建议 早点开门")
    for _ in range(2):
        reply = await line.push(message)
        assert reply is not None
        assert reply.content == "收到你的建议，谢谢！+5 分。当前积分 105。"
    assert await line.say(phone, "建议：把「拿铁」做大杯，好吗？") == "收到你的建议，谢谢！"
    assert "1 到 500 个字" in await line.say(phone, f"建议 {'字' * 600}")
    found = await suggestions(house.ledger.pool, START, 9)
    assert {one.text for one in found} == {"早点开门", "把「拿铁」做大杯,好吗"}


@pytest.mark.parametrize("said", ["建议早点开门", "建议:早点开门", "建议，早点开门", "建議 早点开门"])
async def test_the_word_begins_a_suggestion(house: House, line: Line, said: str) -> None:
    phone = await house.follower()
    await house.ledger.publish(rules_with(**TAKEN))
    assert (await line.say(phone, said)).startswith("收到你的建议")
    [found] = await suggestions(house.ledger.pool, START, 9)
    assert found.text == "早点开门"
