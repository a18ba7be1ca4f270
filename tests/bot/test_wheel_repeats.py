"""抽奖 again: a retry of the message hears what the message did, whichever wheel is the default one by then."""

from typing import Any

import pytest

from bot.wheel import NO_WHEEL
from loyalty.programme.rules import RuleSet
from tests.bot.line import Line
from tests.house import House
from tests.ledger import demo_rules, limited_wheel, rules_with

LUCKY: dict[str, Any] = demo_rules().model_dump(mode="json")["wheels"][0]


@pytest.mark.parametrize(
    "after",
    [rules_with(wheels=[limited_wheel("new", 3), LUCKY]), rules_with(wheels=[])],
    ids=["another default wheel", "no wheel any more"],
)
async def test_a_retry_after_a_publication_hears_its_draw(house: House, after: RuleSet) -> None:
    phone, line = await house.follower(), Line(house)
    message = line.text(phone, "抽奖")
    first = await line.push(message)
    await house.ledger.publish(after)
    again = await line.push(message)
    assert first is not None
    assert again is not None
    assert again.content == first.content
    assert await house.ledger.count("draw") == 1


async def test_without_a_wheel_nothing_is_drawn(house: House) -> None:
    await house.ledger.publish(rules_with(wheels=[]))
    phone, line = await house.follower(), Line(house)
    assert await line.say(phone, "抽奖") == NO_WHEEL
    assert await house.ledger.count("receipt", command="draw") == 0
