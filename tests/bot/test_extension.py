"""延期 in the chat: the offer, one lapse day by its date, and the same message twice (L04)."""

from datetime import date, timedelta

import pytest

from bot.extension import NO_EXTENSIONS, day_named, extension_text, none_text, offer_text
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AccountClosed, NotEnoughPoints
from loyalty.expiry.extension.outcomes import (
    AlreadyExtended,
    ExtensionsOff,
    NothingToExtend,
    PointsExtended,
    TooEarlyToExtend,
)
from loyalty.expiry.extension.rule import ExtensionRule
from loyalty.expiry.extension.views import ExtensionOfDay, ExtensionOffer
from loyalty.shown.outcomes import PriceChanged
from tests.bot.line import Line
from tests.house import House
from tests.ledger import rules_with
from tests.loyalty.purse import noon

DAY, LATER = date(2026, 12, 1), date(2026, 12, 31)
RULE = ExtensionRule(days=30, within_days=30, late_days=2)


@pytest.mark.parametrize(
    ("offer", "text"),
    [
        (
            ExtensionOffer([ExtensionOfDay(DAY, LATER, 1_080)], 5),
            (
                "可以延期：\n11月30日到期的 1,080 分，可以延到 2026年12月30日\n延一笔用 5 分，每一笔只能延一次。\n"
                "发「延期 11月30日」就延11月30日的。"
            ),
        ),
        (
            ExtensionOffer([ExtensionOfDay(DAY, LATER, 80), ExtensionOfDay(LATER, LATER, 9)], 0),
            (
                "可以延期：\n11月30日到期的 80 分，可以延到 2026年12月30日\n12月30日到期的 9 分，可以延到 2026年12月30日\n"
                "延期不收积分，每一笔只能延一次。\n发「延期 11月30日」就延11月30日的。"
            ),
        ),
    ],
)
def test_the_offer(offer: ExtensionOffer, text: str) -> None:
    assert offer_text(offer) == text


@pytest.mark.parametrize(
    ("outcome", "text"),
    [
        (
            PointsExtended(DAY, LATER, 80, 5, 1_075),
            "延期成功：80 分可以用到 2026年12月30日，用了 5 分。\n当前积分 1,075。",
        ),
        (PointsExtended(DAY, LATER, 80, 0, 80), "延期成功：80 分可以用到 2026年12月30日。\n当前积分 80。"),
        (
            AlreadyExtended(DAY),
            "原来可用到2026年11月30日的积分已经延过一次，不能再延。\n发「延期」看哪些积分可以延。",
        ),
        (
            TooEarlyToExtend(DAY, date(2026, 11, 1)),
            "可用到2026年11月30日的积分，从2026年11月1日起可以延期。\n发「延期」看哪些积分可以延。",
        ),
        (
            NothingToExtend(DAY),
            (
                "可用到2026年11月30日的积分里没有可以延期的：用完了、过期了、已经延过，或者还不够延期的价格。\n"
                "发「延期」看哪些积分可以延。"
            ),
        ),
        (PriceChanged(9, "延期"), "延期现在要 9 分，积分没有变化。\n要延期的话，请再发一次。"),
        (
            NotEnoughPoints(5, 3),
            "积分不够：延期要 5 分，现有 3 分，还差 2 分。\n每天发「签到」可以攒积分。",
        ),
        (ExtensionsOff(), NO_EXTENSIONS),
        (AccountClosed("closed"), "你的积分账户已停用，如有疑问请联系客服。"),
    ],
)
def test_what_came_of_it(outcome: Outcome, text: str) -> None:
    assert extension_text(outcome) == text


@pytest.mark.parametrize(
    ("argument", "day"),
    [
        ("30", date(2026, 11, 30)), ("30号", date(2026, 11, 30)), ("11月30日", date(2026, 11, 30)), ("11-30", date(2026, 11, 30)),
        ("2026-11-30", date(2026, 11, 30)), ("2025-11-30", None), ("20", date(2026, 11, 20)), ("18", date(2026, 12, 18)),
        ("11月19日", date(2026, 11, 19)), ("11月18日", date(2026, 11, 18)), ("11月17日", None), ("12月20日", None), ("全部", None),
    ],
)  # fmt: skip
def test_a_lapse_day_is_named_by_its_last_day(argument: str, day: date | None) -> None:
    assert day_named(argument, date(2026, 11, 20), RULE) == day


def test_who_has_nothing_to_put_off_hears_when_it_is_possible() -> None:
    assert "到期前 30 天内" in none_text(RULE)
    assert "最后一天" in none_text(ExtensionRule(days=30, within_days=1))


async def test_points_are_put_off_once_however_often_the_message_comes(house: House) -> None:
    await house.ledger.publish(rules_with(expiry={"months": 1, "extension": {"days": 30, "price_points": 5}}))
    phone, line = await house.follower("小明"), Line(house)
    await line.say(phone, "签到")
    assert await line.say(phone, "延期") == none_text(ExtensionRule(days=30, price_points=5))
    gone_on: date = await house.ledger.pool.fetchval("SELECT max(expires_on) FROM lot")
    house.clock.move_to(noon(gone_on - timedelta(days=3)))
    last = gone_on - timedelta(days=1)
    offer = await line.say(phone, "延期")
    assert f"发「延期 {last.month}月{last.day}日」" in offer
    message = line.text(phone, f"延期 {last.day} 号")
    first, again = await line.push(message), await line.push(message)
    assert first is not None
    assert again is not None
    assert first.content == again.content
    assert first.content.startswith("延期成功：110 分")
    assert "已经延过一次" in await line.say(phone, f"延期{last.month}月{last.day}日")
    assert "没有可以延期的积分" in await line.say(phone, "延期")
    assert "没看懂是哪一天" in await line.say(phone, "延期 全部")


async def test_a_price_that_was_not_shown_is_not_paid(house: House) -> None:
    await house.ledger.publish(rules_with(expiry={"months": 1, "extension": {"days": 30}}))
    phone, line = await house.follower("小明"), Line(house)
    await line.say(phone, "签到")
    gone_on: date = await house.ledger.pool.fetchval("SELECT max(expires_on) FROM lot")
    house.clock.move_to(noon(gone_on - timedelta(days=3)))
    assert "延期不收积分" in await line.say(phone, "延期")
    await house.ledger.publish(rules_with(expiry={"months": 1, "extension": {"days": 30, "price_points": 9}}))
    last = gone_on - timedelta(days=1)
    assert "延期现在要 9 分" in await line.say(phone, f"延期 {last.day}")
    assert (await line.say(phone, f"延期 {last.day}")).startswith("延期成功：110 分")


async def test_a_programme_without_extensions_says_so(house: House) -> None:
    phone, line = await house.follower("小明"), Line(house)
    assert await line.say(phone, "延期") == NO_EXTENSIONS
