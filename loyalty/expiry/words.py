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
    yield f"积分 {rule.months} 个月有效，到期当月月底清零。"
    yield "优先扣最早到期的积分。"
