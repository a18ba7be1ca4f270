"""抽奖 in the chat: the wheel that was shown is the one that is drawn, and what is sold out is said with the odds of now."""

from typing import Any

from bot.wheel import changed_text
from loyalty.audit import audit
from loyalty.games.rule import Wheel
from loyalty.games.words import gone_text, wheel_rule
from loyalty.programme.rules import RuleSet
from loyalty.rule_texts import rule_texts
from tests.bot.line import Line
from tests.house import House
from tests.ledger import KEYS, demo_rules, rules_with

LUCKY = rules_with().wheels[0].model_dump(mode="json")
CERTAIN: dict[str, Any] = {
    "id": "sure", "name": "必中", "cost_points": 1, "draws_per_day": 99,
    "prizes": [
        {"id": "grand", "slot": 0, "name": "大奖", "level": "一等奖", "kind": "voucher", "odds_ppm": 900_000, "stock": 1,
         "substitute": "five"},
        {"id": "five", "slot": 1, "name": "5 积分", "level": "参与奖", "kind": "points", "points": 5, "odds_ppm": 100_000},
    ],
}  # fmt: skip
"""A wheel whose grand prize is soon out."""


def wheel_of(rules: RuleSet) -> Wheel:
    return rules.wheels[0]


def dearer(cost_points: int) -> RuleSet:
    return rules_with(wheels=[LUCKY | {"cost_points": cost_points}])


async def test_a_wheel_that_changed_is_shown_before_anything_is_spent(house: House) -> None:
    """A member who was never shown one draws at once; a retry of the refused message hears the same and does not agree."""
    phone, line = await house.follower(), Line(house)
    member = await house.member_of(phone)
    assert "公示概率" in await line.say(phone, "抽奖")
    await house.ledger.publish(dearer(30))
    before = await house.ledger.traces(member)
    message = line.text(phone, "抽奖")
    refused = await line.push(message)
    assert refused is not None
    assert refused.content == changed_text(wheel_rule(wheel_of(dearer(30)), demo_rules().ladder))
    house.clock.advance(6)
    again = await line.push(message)
    assert again is not None
    assert again.content == refused.content
    after = await house.ledger.traces(member)
    assert {table for table in after if after[table] != before[table]} <= {"account", "receipt", "shown"}
    assert await house.ledger.count("draw") == 1
    balance = await house.ledger.balance(member)
    drawn = await line.say(phone, "抽奖")
    assert "本次用了 30 分" in drawn
    won = await house.resources.pool.fetchval("SELECT sum(points) FROM draw WHERE cost_points = 30")
    assert await house.ledger.balance(member) == balance - 30 + won
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_another_change_while_the_new_wheel_is_read_is_shown_as_well(house: House) -> None:
    phone, line = await house.follower(), Line(house)
    await line.say(phone, "抽奖")
    for cost in (30, 31):
        await house.ledger.publish(dearer(cost))
        assert await line.say(phone, "抽奖") == changed_text(
            wheel_rule(wheel_of(dearer(cost)), demo_rules().ladder)
        )
    await house.ledger.publish(rules_with(welcome={"points": 3}, wheels=[LUCKY | {"cost_points": 31}]))
    assert "本次用了 31 分" in await line.say(phone, "抽奖")


async def test_sold_out_is_said_with_the_odds_of_now(house: House) -> None:
    """In the reply, in 规则, and nowhere as long as something is left."""
    rules = rules_with(wheels=[CERTAIN], welcome={"points": 100})
    await house.ledger.publish(rules)
    gone = gone_text(wheel_of(rules), ["grand"])
    assert gone == "「大奖」已发完，抽中改送「5 积分」；现在「5 积分」的概率是 100%。"
    phone, line = await house.follower(), Line(house)
    assert gone not in await line.say(phone, "规则")
    replies = [await line.say(phone, "抽奖")]
    while await house.ledger.count("draw", prize="grand") == 0:
        assert "「5 积分」（概率 10%）" in replies[-1]
        assert "已发完" not in replies[-1]
        replies.append(await line.say(phone, "抽奖"))
    assert "「大奖」（概率 90%）" in replies[-1]
    assert gone in replies[-1]
    after = await line.say(phone, "抽奖")
    assert "「5 积分」（概率 100%）" in after
    assert "公示概率：参与奖 10%、一等奖 90%。" in after
    assert gone in after
    assert gone in await line.say(phone, "规则")
    topics = {topic.topic: topic for topic in rule_texts(rules, frozenset({"prize:sure:grand"}))}
    assert topics["wheel:sure"].sentences[-1] == gone
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []
