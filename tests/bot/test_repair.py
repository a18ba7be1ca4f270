"""补签 in the chat: the offer, one day by its date, and the same message twice."""

from datetime import date

import pytest

from bot.repair import NO_REPAIRS, day_named, offer_text, repair_text
from loyalty.checkin.outcomes import AlreadyCheckedIn
from loyalty.checkin.repair.outcomes import CheckInRepaired, RepairLimitReached
from loyalty.checkin.repair.views import RepairDay, RepairOffer
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AccountClosed, NotEnoughPoints
from loyalty.programme.rules import RuleSet
from loyalty.shown.outcomes import PriceChanged
from tests.bot.line import Line
from tests.emulator.harness import Phone
from tests.house import House
from tests.ledger import DAY_S, demo_rules, rules_with

DAY = date(2026, 3, 3)
DAYS = [RepairDay(DAY, 30, 3), RepairDay(date(2026, 3, 1), 10, 1)]


@pytest.mark.parametrize(
    ("offer", "text"),
    [
        (
            RepairOffer(DAYS, 0, 20, 2, 2),
            (
                "可以补签：\n3月3日  得 30 分，算连续第 3 天\n3月1日  得 10 分，算连续第 1 天\n"
                "补一天用 20 分；本月还能补 2 次。\n发「补签 3」就补 3 号的。"
            ),
        ),
        (
            RepairOffer(DAYS[:1], 2, 0, 1, 2),
            (
                "可以补签：\n3月3日  得 30 分，算连续第 3 天\n"
                "你有 2 张补签卡，补一天用一张；本月还能补 1 次。\n发「补签 3」就补 3 号的。"
            ),
        ),
        (
            RepairOffer(DAYS[:1], 0, None, 1, 2),
            (
                "可以补签：\n3月3日  得 30 分，算连续第 3 天\n"
                "补一天用一张补签卡，你现在没有；本月还能补 1 次。\n发「补签 3」就补 3 号的。"
            ),
        ),
        (RepairOffer([], 0, 20, 0, 2), "本月的 2 次补签用完了，下个月再来。"),
        (RepairOffer([], 0, 20, 2, 2), "最近没有漏签的日子，不用补签。\n每天发「签到」，连续签到有奖励。"),
    ],
)
def test_the_offer(offer: RepairOffer, text: str) -> None:
    assert offer_text(offer) == text


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (
            CheckInRepaired(DAY, 3, 30, 20, 0, 1_310),
            "补签成功：2026年3月3日 +30 分，用了 20 分。\n那天是连续第 3 天。当前积分 1,310。",
        ),
        (
            CheckInRepaired(DAY, 3, 30, 0, 1, 130),
            "补签成功：2026年3月3日 +30 分，用了 1 张补签卡，还剩 1 张。\n那天是连续第 3 天。当前积分 130。",
        ),
        (AlreadyCheckedIn(DAY, 3, 30, 1), "2026年3月3日已经签到过了，不用补签。"),
        (RepairLimitReached(2), "每月最多补签 2 次，本月的已经用完了。\n发「补签」看哪几天可以补。"),
        (
            PriceChanged(30),
            "补签现在要 30 分，积分没有变化。\n要补签的话，请再发一次。",
        ),
        (
            NotEnoughPoints(20, 5),
            "积分不够：补签一天要 20 分，现有 5 分，还差 15 分。\n每天发「签到」可以攒积分。",
        ),
        (AccountClosed("closed"), "你的积分账户已停用，如有疑问请联系客服。"),
    ],
)
def test_what_came_of_it(outcome: Outcome, text: str) -> None:
    assert repair_text(outcome) == text


@pytest.mark.parametrize(
    ("argument", "day"),
    [
        ("3", date(2026, 3, 3)),
        ("28", date(2026, 2, 28)),
        ("4", None),
        ("25", date(2026, 2, 25)),
        ("24", None),
        ("x", None),
        ("26", date(2026, 2, 26)),
        ("2月26日", date(2026, 2, 26)),
        ("2026-02-26", date(2026, 2, 26)),
        ("2026年3月3号", date(2026, 3, 3)),
        ("2/28", date(2026, 2, 28)),
        ("1月26日", None),
        ("2025-02-26", None),
        ("昨天", date(2026, 3, 3)),
        ("前天", date(2026, 3, 2)),
        ("1号和2号", None),
    ],
)
def test_a_day_is_named_by_its_date(argument: str, day: date | None) -> None:
    assert day_named(argument, date(2026, 3, 4)) == day


async def test_a_gap_is_mended_once_however_often_the_message_comes(house: House) -> None:
    phone, line = await house.follower("小明"), Line(house)
    await line.say(phone, "签到")
    house.clock.advance(2 * DAY_S)
    await line.say(phone, "签到")
    assert "发「补签 3」" in await line.say(phone, "补签")
    message = line.text(phone, "补签 3 号")
    first, again = await line.push(message), await line.push(message)
    assert first is not None
    assert again is not None
    assert first.content == again.content
    assert first.content.startswith("补签成功")
    assert await house.ledger.count("check_in_repair") == 1
    assert "不用补签" in await line.say(phone, "补签")
    for wrong in ("补签 99", "补签 那天", "补签1号和2号"):
        assert "补签 26" in await line.say(phone, wrong)
    assert "不用补签" in await line.say(phone, "补签卡")
    assert "已经签到过了" in await line.say(phone, "补签 3月3日")
    assert "已经签到过了" in await line.say(phone, "补签前天")


async def test_a_programme_without_repair_cards_says_so(house: House) -> None:
    await house.ledger.publish(rules_with(repair=None))
    phone, line = await house.follower("小明"), Line(house)
    assert await line.say(phone, "补签") == NO_REPAIRS


async def with_a_gap(house: House) -> tuple[Phone, Line]:
    """A member with 120 points who missed 3 March, on 4 March."""
    phone, line = await house.follower(), Line(house)
    await line.say(phone, "签到")
    house.clock.advance(2 * DAY_S)
    await line.say(phone, "签到")
    return phone, line


def repair_at(price: int) -> RuleSet:
    return rules_with(repair=demo_rules().model_dump(mode="json")["repair"] | {"price_points": price})


async def test_no_repair_is_paid_at_a_price_that_was_not_shown(house: House) -> None:
    phone, line = await with_a_gap(house)
    member_id = await house.member_of(phone)
    await line.say(phone, "补签")
    await house.ledger.publish(repair_at(50))
    balance = await house.ledger.balance(member_id)
    refused = line.text(phone, "补签 3")
    for _ in range(2):  # the platform's retry does not agree to the new price
        reply = await line.push(refused)
        assert reply is not None
        assert reply.content == repair_text(PriceChanged(50))
    assert await house.ledger.balance(member_id) == balance
    assert await house.ledger.count("check_in_repair") == 0
    assert "用了 50 分" in await line.say(phone, "补签 3")


async def test_a_price_heard_in_a_refusal_is_a_price_shown(house: House) -> None:
    phone, line = await with_a_gap(house)
    await house.ledger.publish(repair_at(121))
    assert "补签一天要 121 分" in await line.say(phone, "补签 3")
    await house.ledger.publish(repair_at(100))
    assert await line.say(phone, "补签 3") == repair_text(PriceChanged(100))
    assert "用了 100 分" in await line.say(phone, "补签 3")


@pytest.mark.parametrize("after", [repair_at(50), rules_with(repair=None)], ids=["dearer", "no more repairs"])
async def test_a_retry_after_a_publication_hears_what_was_done(house: House, after: RuleSet) -> None:
    phone, line = await with_a_gap(house)
    message = line.text(phone, "补签 3")
    first = await line.push(message)
    await house.ledger.publish(after)
    again = await line.push(message)
    assert first is not None
    assert again is not None
    assert first.content.startswith("补签成功")
    assert again.content == first.content
