"""How long points last, in Chinese."""

from collections.abc import Iterator

from loyalty.engine.feature import RuleText
from loyalty.expiry.rule import ExpiryRule


def rule_texts(rule: ExpiryRule) -> Iterator[RuleText]:
    """How long points last, and which are spent first."""
    yield RuleText("expiry", "积分有效期", tuple(_sentences(rule)))


def _sentences(rule: ExpiryRule) -> Iterator[str]:
    if rule.months is None:
        yield "积分长期有效。"
        return
    yield f"积分自获得之日起 {rule.months} 个月有效，到期那个月的月底失效。"
    yield "使用积分时，先用最早到期的。"
