"""Sentences that members really type: the thing meant, or a sentence that leads there."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import checkin, guide, notice, overview, referral, reward, rule_texts, wheel
from bot.chat import Handler
from bot.reward_names import lead_text, reward_named
from bot.router import WORDS, handler_of
from bot.synonyms import SYNONYMS
from bot.understanding import simplified, understood
from loyalty.rewards.views import RewardView
from tests.bot.line import Line
from tests.house import House
from wechat.messages import Push

FIELD = Path(__file__).parents[1] / "data" / "field_cases" / "chat_words.txt"

MEANT: dict[str, tuple[Handler, str]] = {
    "我有多少积分": (overview.balance, ""),
    "查积分": (overview.balance, ""),
    "积分查询": (overview.balance, ""),
    "打卡": (checkin.check_in, ""),
    "我要签到": (checkin.check_in, ""),
    "签 到": (checkin.check_in, ""),
    "簽到": (checkin.check_in, ""),
    "等級": (overview.tier, ""),
    "兑换拿铁": (reward.redeem, "拿铁"),
    "兑换 手工曲奇": (reward.redeem, "手工曲奇"),
    "退订": (notice.stop, ""),
    "TD": (notice.stop, ""),
    "怎么兑换": (reward.redeem, ""),
    "怎么用积分": (reward.redeem, ""),
    "人工": (guide.human, ""),
    "客服": (guide.human, ""),
}
LED: dict[str, str] = {
    "十连抽": "发「抽奖」",
    "取消兑换": "「我的券」",
    "谢谢": "不客气",
    "你好": "你好呀",
}
ELSEWHERE = ("订月", "1")
"""A mishearing of 订阅 that nothing is known of, and a number, which a reward may have."""


def handler(text: str) -> tuple[Handler, str]:
    return handler_of(Push(to_user="gh_a", from_user="oU1", created_at=1, kind="text", content=text))


@pytest.mark.parametrize(
    "text", ["兑换1/2", "兑换1-2", "兑换1、2", "兑换1 2", "兑换1.2", "兑换「1」2", "兌換1~2"]
)
def test_two_numbers_are_not_read_as_one_reward_that_has_both_digits(text: str) -> None:
    """It would spend the points of reward 12."""
    assert handler(text)[0] is guide.unknown


def test_a_number_after_a_mark_is_still_that_reward() -> None:
    assert handler("兑换?12") == (reward.redeem, "12")


def test_every_field_case_is_decided_here() -> None:
    lines = FIELD.read_text(encoding="utf-8").splitlines()
    cases = {text for text in lines if text and not text.startswith("#")}
    assert cases <= {*MEANT, *LED, *ELSEWHERE}, cases - {*MEANT, *LED, *ELSEWHERE}


@pytest.mark.parametrize(("text", "expected"), list(MEANT.items()))
def test_the_thing_meant(text: str, expected: tuple[Handler, str]) -> None:
    assert handler(text) == expected


@pytest.mark.parametrize(("text", "part"), list(LED.items()))
def test_a_sentence_that_leads_there(text: str, part: str) -> None:
    who, said = handler(text)
    assert who is guide.tell
    assert part in said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("請問我的積分餘額還有多少呢？", (overview.balance, "")),
        ("邀请好友有什么好处", (referral.invite, "")),
        ("中奖概率是多少", (rule_texts.rules, "")),
        ("我的优惠券在哪", (reward.vouchers, "")),
        ("兌換 拿鐵", (reward.redeem, "拿铁")),
        ("昨天忘记签到了怎么办", (WORDS["补签"], "")),
        ("签到啦～", (checkin.check_in, "")),
        ("QD", (checkin.check_in, "")),
    ],
)
def test_one_known_word_within_a_sentence(text: str, expected: tuple[Handler, str]) -> None:
    assert handler(text) == expected


@pytest.mark.parametrize("text", ["我不想抽奖", "抽奖会不会扣钱", "我想退订可以吗", "试手气好玩吗"])
def test_what_costs_points_or_changes_a_setting_is_only_explained(text: str) -> None:
    who, said = handler(text)
    assert who is guide.tell
    assert "直接发" in said
    assert who not in (wheel.draw, notice.stop)


@pytest.mark.parametrize(
    "text",
    ["今天天气真好", "签到和抽奖", "我想问问你们店几点开门，周末是不是也营业呢" * 3, "", "。。。", "😀"],
)
def test_what_nobody_can_tell_is_left(text: str) -> None:
    assert handler(text)[0] is guide.unknown


def test_synonyms_stand_for_words_that_are_answered_and_never_for_two() -> None:
    listed = [synonym for synonyms in SYNONYMS.values() for synonym in synonyms]
    assert len(listed) == len(set(listed))
    assert set(SYNONYMS) <= set(WORDS)
    for synonym in listed:
        assert synonym == simplified(synonym).lower()


@given(st.text(max_size=60))
def test_anything_can_be_said(text: str) -> None:
    meaning = understood(text, WORDS)
    assert meaning is None or (meaning.said is None) != (meaning.answer is None)
    assert meaning is None or meaning.said is None or meaning.said.word in WORDS


def view(number: int, name: str) -> RewardView:
    return RewardView(f"r{number}", number, name, "voucher", 200, 0, None, True, None, "", 24)


OFFERED = [view(1, "手工曲奇一份"), view(2, "美式咖啡一杯"), view(3, "拿铁一杯"), view(4, "拿铁")]


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("手工曲奇", 1), ("曲奇", 1), ("美式咖啡一杯", 2), ("拿铁", 4), ("拿铁 一杯", 3), ("拿鐵一杯", 3), ("3", 3),
        ("一杯", None), ("奇", None), ("茶", None), ("9", None), ("", None),
    ],
)  # fmt: skip
def test_a_reward_by_its_name(said: str, number: int | None) -> None:
    found = reward_named(OFFERED, said)
    assert (found.number if found else None) == number


def test_the_lead_names_the_price_and_the_word() -> None:
    assert lead_text(OFFERED[2]) == "想兑换「拿铁一杯」吗？要 200 积分，发「兑换 3」就换。"


async def test_a_named_reward_is_led_to_and_nothing_is_spent(house: House) -> None:
    phone, line = await house.follower(), Line(house)
    said = [await line.say(phone, text) for text in ("兑换 拿铁", "拿鐵一杯", "1")]
    assert "想兑换「拿铁一杯」吗？" in said[0]
    assert said[1] == said[0]
    assert "想兑换「手工曲奇一份」吗？" in said[2]
    assert await house.ledger.count("redemption") == 0


async def test_help_is_never_the_same_twice_in_a_row(house: House) -> None:
    phone, line = await house.follower(), Line(house)
    said = [await line.say(phone, "今天天气真好") for _ in range(4)]
    assert all(one != other for one, other in itertools.pairwise(said))
    assert said[0].startswith("没太明白～")
    assert len(set(said)) == 3
