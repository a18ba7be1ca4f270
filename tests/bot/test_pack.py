"""加速包 in the chat: the list, taking one by its number, the same message twice, and a price that changed."""

import pytest

from bot.pack import HOW, NO_PACKS, pack_text
from loyalty.earning.packs.outcomes import PackInUse, PackLimitReached, PackNotForTier, PackTaken, UnknownPack
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AccountClosed, NotEnoughPoints
from loyalty.programme.rules import RuleSet
from loyalty.shown.outcomes import PriceChanged
from tests.bot.line import Line
from tests.house import House
from tests.ledger import START, rules_with
from tests.loyalty.earning.test_events import EVENTS, SPEND
from tests.loyalty.earning.test_packs import PACK

GOLD = PACK | {"id": "gold", "name": "金卡加速包", "tier": ["gold"], "price_points": 0}
RULE = (
    "限普通会员，领取后 7 天内（当天算第 1 天），消费得 2 倍积分，最多多得 50 积分，用完为止；"
    "每个 10 积分，每人每年最多 1 个。"
)


def with_packs(price: int = 10) -> RuleSet:
    """Two packs, of which a newcomer may take the first."""
    return rules_with(events=EVENTS, earning=[SPEND], packs=[PACK | {"price_points": price}, GOLD])


async def test_a_pack_is_listed_taken_once_and_seen(house: House, line: Line) -> None:
    """E29: a member sees the packs in the chat, takes one, and sees what it may still bring."""
    phone = await house.follower()
    assert await line.say(phone, "加速包") == NO_PACKS
    await house.ledger.publish(with_packs())
    shown = await line.say(phone, "积分加速包")
    assert shown.startswith(f"加速包：\n1. 消费加速包：{RULE}\n2. 金卡加速包：限金卡会员")
    assert shown.endswith("发「加速包 1」就领第 1 个。")
    for wrong in ("加速包 3", "加速包 0", "加速包 最好的"):
        assert await line.say(phone, wrong) == HOW
    message = line.text(phone, "加速包 1")
    for _ in range(2):
        reply = await line.push(message)
        assert reply is not None
        assert reply.content == (
            "领到「消费加速包」，用了 10 分：可用到 2026年3月8日，最多多得 50 分。\n当前积分 90。"
        )
    assert "还有一个没用完" in await line.say(phone, "加速包1")
    assert "「金卡加速包」只给金卡会员。" in await line.say(phone, "加速包 2")
    assert "\n  ✓ 正在加速：可用到 2026年3月8日，最多还能多得 50 分\n2." in await line.say(phone, "加速包")


async def test_a_price_that_was_not_shown_is_not_paid(house: House, line: Line) -> None:
    phone = await house.follower()
    await house.ledger.publish(with_packs())
    await line.say(phone, "加速包")
    await house.ledger.publish(with_packs(price=30))
    message = line.text(phone, "加速包 1")
    for _ in range(2):  # the retry does not agree to the price that the first answer told
        reply = await line.push(message)
        assert reply is not None
        assert reply.content == "「消费加速包」现在要 30 分，积分没有变化。\n要领的话，请再发一次。"
    assert "用了 30 分" in await line.say(phone, "加速包 1")


async def test_a_number_means_the_pack_of_the_list_that_was_shown(house: House, line: Line) -> None:
    """A new pack that is put first is not taken by who saw another one there; a pack that is gone is not replaced."""
    phone = await house.follower()
    await house.ledger.publish(with_packs())
    await line.say(phone, "加速包")
    new = PACK | {"id": "new", "name": "新加速包", "price_points": 1}
    rules = {"events": EVENTS, "earning": [SPEND]}
    await house.ledger.publish(rules_with(**rules, packs=[new, PACK]))
    assert (await line.say(phone, "加速包 1")).startswith("领到「消费加速包」，用了 10 分")
    assert await line.say(phone, "加速包 2") == pack_text(UnknownPack(), "")
    await line.say(phone, "加速包")
    assert (await line.say(phone, "加速包 1")).startswith("领到「新加速包」，用了 1 分")


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (PackTaken("fast", "包", START.date(), 50, 0, 7), "领到「包」：可用到 2026年3月1日，最多多得 50 分。\n当前积分 7。"),
        (NotEnoughPoints(10, 3), "积分不够：「包」要 10 分，现有 3 分，还差 7 分。\n每天发「签到」可以攒积分。"),
        (PriceChanged(9, "包"), "「包」现在要 9 分，积分没有变化。\n要领的话，请再发一次。"),
        (UnknownPack(), "现在没有这种加速包。\n发「加速包」看有哪些。"),
        (PackNotForTier("包", ("金卡会员",)), "「包」只给金卡会员。\n发「加速包」看有哪些。"),
        (PackLimitReached("包", 1), "「包」每年最多领 1 个，今年的已经领完了。\n发「加速包」看有哪些。"),
        (PackInUse("包", 5), "「包」还有一个没用完，最多还能多得 5 积分，用完再领。\n发「加速包」看有哪些。"),
        (AccountClosed("closed"), "你的积分账户已停用，如有疑问请联系客服。"),
    ],
)  # fmt: skip
def test_what_came_of_it(outcome: Outcome, text: str) -> None:
    assert pack_text(outcome, "包") == text
