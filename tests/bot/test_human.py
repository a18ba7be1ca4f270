"""人工 and 客服: the hand-over to human agents, or the operator's own sentence."""

import pytest

from tests.bot.line import Line
from tests.house import House
from tests.ledger import rules_with

SENTENCE = "客服电话 400-000-0000，每天 9:00–21:00。"


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize("word", ["人工", "客服", "客服！"])
async def test_the_chat_is_handed_to_human_agents(house: House, line: Line, word: str, form: str) -> None:
    reply = await line.push(line.text(await house.follower(), word), form=form)
    assert reply is not None
    assert reply.type == "transfer_customer_service"


async def test_the_phone_shows_it(house: House) -> None:
    phone = await house.follower()
    assert [reply["type"] for reply in (await phone.say("人工"))["replies"]] == ["transfer_customer_service"]


async def test_the_operators_sentence_comes_instead(house: House) -> None:
    phone = await house.follower()
    programme = {"name": "拾光积分", "brand": "拾光咖啡", "customer_service": SENTENCE}
    await house.ledger.publish(rules_with(programme=programme))
    [reply] = (await phone.say("客服"))["replies"]
    assert (reply["type"], reply["content"]) == ("text", SENTENCE)
