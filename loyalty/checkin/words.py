"""The sign-in in Chinese: its entries, and its rule."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from loyalty.checkin.rule import CheckInRule
from loyalty.engine.feature import RuleText
from loyalty.ledger.words import Detail, Sentence, day_text, number


def _signed_in_on(detail: Detail) -> str:
    return day_text(date.fromisoformat(detail["day"]))


SENTENCES: Final[Mapping[str, Sentence]] = {
    "check_in": Sentence(
        lambda _: "每日签到",
        lambda facts: f"{_signed_in_on(facts)}签到，已连续 {facts['streak']} 天。",
    ),
    "check_in_bonus": Sentence(
        lambda facts: f"连签 {facts['streak']} 天奖励",
        lambda facts: f"{_signed_in_on(facts)}连签满 {facts['streak']} 天，另送奖励。",
    ),
}


def rule_texts(rule: CheckInRule, names: Mapping[str, str]) -> Iterator[RuleText]:
    """How signing in pays; `names` are those of rewards by their ids."""
    yield RuleText("check_in", "每日签到", tuple(_sentences(rule, names)))


def _sentences(rule: CheckInRule, names: Mapping[str, str]) -> Iterator[str]:
    yield f"每天签到一次，得 {number(rule.points)} 积分。"
    if rule.most_per_day is not None:
        yield f"一天里签到、连签奖励和补签合计最多得 {number(rule.most_per_day)} 积分。"
    if rule.ladder:
        steps = [f"第 {step.streak} 天 {number(step.bonus)} 积分" for step in rule.ladder if step.bonus]
        if steps:
            yield f"连签另送：{'、'.join(steps)}。"
        if (reward := rule.unlocked(rule.cycle_days)) is not None:
            yield f"连签满 {rule.cycle_days} 天，送「{names.get(reward, reward)}」的券一张，每轮一次。"
        yield f"每 {rule.cycle_days} 天一轮，签满或断签后从第 1 天重新算。"
