"""Extensions in Chinese: their entries and their rule."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from loyalty.engine.feature import RuleText
from loyalty.expiry.extension.rule import ExtensionRule
from loyalty.ledger.words import Detail, Sentence, last_day_text, number


def _days(detail: Detail) -> str:
    before, after = (date.fromisoformat(detail[name]) for name in ("expires_on", "extended_to"))
    return f"原来可用到{last_day_text(before)}的积分，延长到{last_day_text(after)}"


SENTENCES: Final[Mapping[str, Sentence]] = {
    "extension": Sentence(lambda _: "积分延期", lambda facts: f"{_days(facts)}，这是延期的价格。"),
    "points_revived": Sentence(lambda _: "补办延期", lambda facts: f"{_days(facts)}。"),
}


def rule_texts(rule: ExtensionRule | None) -> Iterator[RuleText]:
    """When and for what points can be extended; no sentences if the programme extends none."""
    if rule is not None:
        yield RuleText("extension", "积分延期", tuple(_sentences(rule)))


def _sentences(rule: ExtensionRule) -> Iterator[str]:
    when = "最后一天" if rule.within_days == 1 else f"到期前 {rule.within_days} 天内"
    price = f"用 {number(rule.price_points)} 积分" if rule.price_points else "不收积分"
    yield f"{when}可以延期 1 次，从原来的到期日起多用 {rule.days} 天，{price}。"
    if rule.late_days:
        yield f"到期清零后 {rule.late_days} 天内还可以补办，积分会退回来。"
    else:
        yield "已经到期清零的积分不能延期。"
