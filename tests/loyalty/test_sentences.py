"""Chinese of entries, rules and numbers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.entries import entry_title, entry_why
from loyalty.games.words import wheel_rule
from loyalty.ledger.words import SENTENCES as LEDGERS_OWN
from loyalty.ledger.words import last_day_text, odds_text
from loyalty.rule_texts import rule_texts
from tests.ledger import demo_rules
from tests.loyalty.purse import TODAY, lot, owe, wallet_of


@pytest.mark.parametrize(
    ("reason", "detail", "title", "why"),
    [
        ("welcome", {}, "新人礼", "欢迎加入，送你一份见面礼。"),
        ("check_in", {"day": "2026-03-02", "streak": 4}, "每日签到", "2026年3月2日签到，已连续 4 天。"),
        (
            "check_in_bonus",
            {"day": "2026-03-08", "streak": 7},
            "连签 7 天奖励",
            "2026年3月8日连签满 7 天，另送奖励。",
        ),
        ("draw", {"wheel": "lucky", "name": "大转盘"}, "大转盘", "大转盘抽奖 1 次。"),
        (
            "prize",
            {"wheel": "lucky", "name": "大转盘", "prize": "50 积分", "level": "三等奖"},
            "抽中「50 积分」",
            "在「大转盘」抽中三等奖「50 积分」。",
        ),
        (
            "redeem",
            {"reward": "mug", "name": "马克杯", "quantity": 1},
            "兑换马克杯",
            "兑换马克杯 ×1。",
        ),
        (
            "redeem",
            {"reward": "mug", "name": "马克杯", "quantity": 2},
            "兑换马克杯 ×2",
            "兑换马克杯 ×2。",
        ),
        (
            "cancel",
            {"name": "马克杯", "quantity": 1},
            "取消兑换马克杯",
            "取消兑换马克杯，积分已退回，有效期不变。",
        ),
        ("lapsed", {}, "积分到期", "已过有效期，未用部分清零。"),
        ("referral_ladder", {"qualified": 3}, "邀请满 3 人奖励", "邀满 3 人，另送奖励。"),
        ("of_a_later_version", {"x": 1}, "积分变动", "按当时生效的规则记账。"),
    ],
)
def test_entries(reason: str, detail: dict[str, object], title: str, why: str) -> None:
    assert (entry_title(reason, detail), entry_why(reason, detail)) == (title, why)


def test_what_the_ledger_writes_by_itself_has_its_sentence() -> None:
    """What features write is compared with their sentences in the simulation."""
    due = (lot(10, TODAY), lot(5, opens_on=TODAY, opened=False))
    wallet = wallet_of(*due)
    owe(wallet, 3)
    owed = len(wallet.writes.entries)
    wallet.book()
    assert {entry.facts.reason for entry in wallet.writes.entries[owed:]} == LEDGERS_OWN.keys()


def test_the_rules_tell_what_is_switched_on() -> None:
    rules = demo_rules()
    topics = {topic.topic: topic for topic in rule_texts(rules)}
    assert list(topics) == [
        "welcome", "check_in", "repair", "earning", "wheel:lucky", "rewards", "deductions", "referral", "tiers", "expiry",
    ]  # fmt: skip
    assert topics["welcome"].title == "新人礼"
    assert topics["welcome"].sentences == ("新会员加入即送 100 积分，每人一次。",)
    assert topics["check_in"].sentences[1] == "连签另送：第 3 天 20 积分、第 7 天 50 积分。"
    assert topics["tiers"].sentences[0] == "普通会员：加入即是。"
    assert "分享和关注本身不送积分。" in topics["referral"].sentences
    quiet = rules.model_copy(update={"referral": rules.referral.model_copy(update={"enabled": False})})
    assert "referral" not in {topic.topic for topic in rule_texts(quiet)}


def test_the_rule_of_a_wheel() -> None:
    wheel = demo_rules().wheels[0]
    assert "季度畅饮卡限 5 份、" in wheel_rule(wheel, demo_rules().ladder)
    assert "每次 20 积分。" in wheel_rule(wheel, demo_rules().ladder)
    free = wheel.model_copy(update={"free_per_day": 2})
    assert "每天前 2 次免费，之后每次 20 积分。" in wheel_rule(free, demo_rules().ladder)


@pytest.mark.parametrize(
    ("odds_ppm", "text"), [(0, "0%"), (1, "0.0001%"), (1000, "0.1%"), (125_000, "12.5%"), (1_000_000, "100%")]
)
def test_odds(odds_ppm: int, text: str) -> None:
    assert odds_text(odds_ppm) == text


@given(st.integers(0, 1_000_000))
def test_odds_are_exact(odds_ppm: int) -> None:
    whole, _, rest = odds_text(odds_ppm).removesuffix("%").partition(".")
    assert int(whole) * 10_000 + int(rest.ljust(4, "0") or 0) == odds_ppm


@pytest.mark.parametrize(
    ("expires_on", "text"), [(date(2027, 3, 1), "2027年2月28日"), (date(9999, 12, 31), "长期有效")]
)
def test_the_last_day(expires_on: date, text: str) -> None:
    assert last_day_text(expires_on) == text
