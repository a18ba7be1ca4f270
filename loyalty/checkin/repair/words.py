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
    "repair_card": Sentence(lambda _: "购买补签卡", lambda facts: f"补签{_day(facts)}。"),
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
        yield "每次用一张补签卡。"
    else:
        yield f"每次用一张补签卡；没有补签卡时，用 {number(rule.price_points)} 积分代替。"
    yield "补签的积分按当天签到算，连续签到的天数也接着算；补签和签到的积分合计，不会超过每天按时签到所得。"
    yield "从最早漏签的那天补起，补完再签到，得到的积分最多。"
