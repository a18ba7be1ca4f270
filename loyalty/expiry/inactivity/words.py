"""Forfeited points in Chinese: their entry and their rule."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from loyalty.engine.feature import RuleText
from loyalty.expiry.inactivity.rule import InactivityRule
from loyalty.ledger.words import Sentence, day_text

SENTENCES: Final[Mapping[str, Sentence]] = {
    "forfeited": Sentence(
        lambda _: "久未来访清零",
        lambda facts: (
            f"{day_text(date.fromisoformat(facts['silent_since']))}之后一直没有来过，提醒过后积分清零。"
        ),
    )
}


def rule_texts(rule: InactivityRule | None) -> Iterator[RuleText]:
    """When the points of members who stay away are forfeited; no sentences if they never are."""
    if rule is not None:
        sentences = (
            f"{rule.months} 个月没有来过，积分会清零；清零前至少提前 {rule.warn_days} 天提醒。",
            "发一条消息或打开一次小程序就算来过，之后重新计算。",
        )
        yield RuleText("inactivity", "久未来访", sentences)
