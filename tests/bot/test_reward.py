"""兑换 in the chat: numbers that stay, prices that were shown, and the same message twice."""

from datetime import timedelta
from typing import Any

import pytest

from bot.entries import SHOWN, entries_text
from bot.lists import listed
from bot.reward import list_text, redeem_text, unknown_number_text
from loyalty.audit import audit
from loyalty.entries import entries
from loyalty.programme.publishing.publication import publish
from loyalty.programme.rules import RuleSet
from loyalty.rewards.outcomes import UnknownReward
from loyalty.rewards.views import rewards
from loyalty.shown.outcomes import PriceChanged
from tests.bot.line import Line
from tests.bot.told import REDEEMED
from tests.emulator.harness import Phone
from tests.house import House
from tests.ledger import KEYS, ZONE, rules_with

CAKE = {"id": "cake", "name": "蛋糕", "kind": "voucher", "price_points": 40}
TEA = {"id": "tea", "name": "茶", "kind": "voucher", "price_points": 20}
BUN = {"id": "bun", "name": "包子", "kind": "voucher", "price_points": 10}


def offering(*offered: dict[str, Any]) -> RuleSet:
    return rules_with(rewards=list(offered))


async def shop(house: House, *offered: dict[str, Any]) -> tuple[Phone, Line, int]:
    """A member with 100 points; the rewards of the rules before, which nobody sees any more, have the numbers 1 to 6."""
    await house.ledger.publish(offering(*offered))
    phone = await house.follower()
    return phone, Line(house), await house.member_of(phone)


async def push(line: Line, message: dict[str, object]) -> str:
    reply = await line.push(message)
    assert reply is not None
    return reply.content


async def test_a_number_names_the_same_reward_for_ever(house: House) -> None:
    """What came first now comes last, one is gone, one is new: the member's 8 is still tea."""
    phone, line, member_id = await shop(house, CAKE, TEA)
    assert "\n7. 蛋糕 " in await line.say(phone, "兑换")
    await house.ledger.publish(offering(BUN, TEA))
    shown = await line.say(phone, "兑换")
    assert shown == list_text(await rewards(member_id, await house.ledger.live(), house.clock.now()), 100)
    assert [line.split(" ")[0] for line in shown.split("\n")[1:-2]] == ["9.", "8."]
    assert "例如「兑换 9」" in shown
    assert (await line.say(phone, "兑换 8")).startswith(f"{REDEEMED}茶")
    before = await house.ledger.balance(member_id)
    assert await line.say(phone, "兑换 7") == redeem_text(UnknownReward("cake"), "蛋糕")
    assert await line.say(phone, "兑换 10") == unknown_number_text("10", 2)
    assert await house.ledger.balance(member_id) == before
    await house.ledger.publish(offering(BUN, CAKE))
    assert (await line.say(phone, "兑换 7")).startswith(f"{REDEEMED}蛋糕")


async def test_nothing_is_spent_at_another_price_than_the_one_shown(house: House) -> None:
    phone, line, member_id = await shop(house, CAKE, TEA)
    await line.say(phone, "兑换")
    await house.ledger.publish(offering(CAKE | {"price_points": 60}, TEA))
    before = await house.ledger.traces(member_id)
    message = line.text(phone, "兑换 7")
    for _ in range(2):  # WeChat's retry of the message agrees to nothing
        assert await push(line, message) == redeem_text(PriceChanged(60, "蛋糕"), "蛋糕")
    after = await house.ledger.traces(member_id)
    assert {table for table in before if before[table] != after[table]} == {"account", "receipt", "shown"}
    assert await house.ledger.balance(member_id) == 100
    assert (await line.say(phone, "兑换 8")).startswith(f"{REDEEMED}茶"), "its price is the one shown"
    assert "用了 60 分" in await line.say(phone, "兑换 7")
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_a_lower_price_is_told_as_well(house: House) -> None:
    phone, line, _ = await shop(house, CAKE)
    await line.say(phone, "兑换")
    await house.ledger.publish(offering(CAKE | {"price_points": 30}))
    assert await line.say(phone, "兑换 7") == redeem_text(PriceChanged(30, "蛋糕"), "蛋糕")
    assert "用了 30 分" in await line.say(phone, "兑换 7")


async def test_who_was_never_shown_a_list_is_served_at_the_price_in_force(house: House) -> None:
    """And from then on knows that price."""
    phone, line, _ = await shop(house, TEA)
    assert "用了 20 分" in await line.say(phone, "兑换 7")
    await house.ledger.publish(offering(TEA | {"price_points": 25}))
    assert await line.say(phone, "兑换 7") == redeem_text(PriceChanged(25, "茶"), "茶")


async def test_a_price_heard_for_want_of_points_is_a_price_shown(house: House) -> None:
    phone, line, _ = await shop(house, CAKE | {"price_points": 500})
    assert "要 500 分" in await line.say(phone, "兑换 7")
    await house.ledger.publish(offering(CAKE | {"price_points": 90}))
    assert await line.say(phone, "兑换 7") == redeem_text(PriceChanged(90, "蛋糕"), "蛋糕")


async def test_a_version_that_takes_effect_by_itself_changes_no_price_unseen(house: House) -> None:
    phone, line, member_id = await shop(house, TEA)
    await line.say(phone, "兑换")
    await publish(
        house.resources.engine, offering(TEA | {"price_points": 90}), base=2, by="test", reason="later",
        effective_from=house.clock.now() + timedelta(hours=1), urgent=True,
    )  # fmt: skip
    house.clock.advance(3600)
    assert await line.say(phone, "兑换 7") == redeem_text(PriceChanged(90, "茶"), "茶")
    assert await house.ledger.balance(member_id) == 100


@pytest.mark.parametrize(
    "after",
    [offering(BUN, TEA), offering(TEA | {"price_points": 99}), offering()],
    ids=["another order", "another price", "nothing any more"],
)
async def test_a_retry_after_a_publication_hears_its_voucher(house: House, after: RuleSet) -> None:
    phone, line, _ = await shop(house, TEA, CAKE)
    message = line.text(phone, "兑换 7")
    first = await push(line, message)
    await house.ledger.publish(after)
    assert first.startswith(f"{REDEEMED}茶")
    assert await push(line, message) == first
    assert await house.ledger.count("redemption") == 1


async def test_of_a_list_that_is_cut_only_what_was_read_counts_as_shown(house: House) -> None:
    many = [TEA | {"id": f"tea_{place}", "name": "茶" * 40} for place in range(40)]
    phone, line, member_id = await shop(house, *many)
    shown = await line.say(phone, "兑换")
    told = shown.count("茶" * 40)
    assert f"还有 {40 - told} 种" in shown
    assert await house.ledger.count("shown", member_id=member_id) == told
    await house.ledger.publish(offering(*(one | {"price_points": 30} for one in many)))
    assert await line.say(phone, "兑换 7") == redeem_text(PriceChanged(30, "茶" * 40), "")
    assert "用了 30 分" in await line.say(phone, f"兑换 {6 + 40}")


async def test_movements_and_vouchers_say_how_many_more_there_are(house: House) -> None:
    phone, line, member_id = await shop(house, TEA | {"price_points": 1})
    for _ in range(9):
        await line.say(phone, "兑换 7")
    assert "更早的还有 2 笔" in await line.say(phone, "明细")
    assert "还有 4 张" in await line.say(phone, "我的兑换")
    rows = await entries(member_id, limit=SHOWN)
    assert "更早" not in entries_text(rows[-1:], ZONE) or rows[-1].id > 1


def test_a_list_is_cut_between_two_items() -> None:
    items = [f"{number} " + "项" * number for number in range(1, 60)]
    text, shown = listed("头", items, lambda count: f"还有 {count} 项", foot="尾")
    assert text.split("\n") == ["头", *items[:shown], f"还有 {59 - shown} 项", "尾"]
    assert len(text.encode()) <= 2048
    assert len("\n".join(["头", *items[: shown + 1], f"还有 {58 - shown} 项", "尾"]).encode()) > 2048


@pytest.mark.parametrize(
    ("items", "beyond", "expected"),
    [
        (["一"], 0, ("头\n一", 1)),
        (["一"], 3, ("头\n一\n还有 3 项", 1)),
        ([], 0, ("头", 0)),
        (["长" * 700], 0, ("头\n还有 1 项", 0)),
    ],
)
def test_short_lists(items: list[str], beyond: int, expected: tuple[str, int]) -> None:
    assert listed("头", items, lambda count: f"还有 {count} 项", beyond=beyond) == expected


async def test_a_price_read_in_the_rules_is_a_price_shown(house: House) -> None:
    phone, line, _ = await shop(house, TEA)
    pages = [await line.say(phone, f"规则 {page}") for page in range(1, 8)]
    assert any("「茶」：20 积分" in page for page in pages)
    await house.ledger.publish(offering(TEA | {"price_points": 25}))
    assert await line.say(phone, "兑换 7") == redeem_text(PriceChanged(25, "茶"), "茶")
