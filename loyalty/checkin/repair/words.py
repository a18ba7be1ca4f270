"""The repair card in Chinese: its entries and its rule."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from loyalty.checkin.repair.rule import RepairRule
from loyalty.engine.feature import RuleText
from loyalty.ledger.words import Detail, Sentence, day_text, number


def _day(detail: Detail) -> str:
    return day_text(date.fromisoformat(detail["day"]))


SENTENCES: Final[Mapping[str, Sentence]] = {
    "repair_card": Sentence(lambda _: "补签卡", lambda facts: f"补签{_day(facts)}所用的积分。"),
    "check_in_repair": Sentence(
        lambda _: "补签", lambda facts: f"补签{_day(facts)}，那天是连续签到第 {facts['streak']} 天。"
    ),
}


def rule_texts(rule: RepairRule | None) -> Iterator[RuleText]:
    """How a missed day is mended; no sentences if the programme has no repair cards."""
    if rule is not None:
        yield RuleText("repair", "补签", tuple(_sentences(rule)))


def _sentences(rule: RepairRule) -> Iterator[str]:
    yield f"最近 {rule.within_days} 天里漏签的日子可以补签，每次补一天，每月最多 {rule.per_month} 次。"
    if rule.price_points is None:
        yield "每次用一张补签卡，补签卡可以抽奖获得。"
    else:
        yield f"每次用一张补签卡；没有补签卡时，用 {number(rule.price_points)} 积分代替。"
    yield "补签得到的积分和当天签到一样，连续签到的天数接着算；补签不会比每天签到得到更多。"
