"""How long points last, in Chinese."""

from collections.abc import Iterator

from loyalty.engine.feature import RuleText
from loyalty.expiry.rule import ExpiryRule


def rule_texts(rule: ExpiryRule) -> Iterator[RuleText]:
    """How long points last, and which are spent first."""
    yield RuleText("expiry", "积分有效期", tuple(_sentences(rule)))


def _sentences(rule: ExpiryRule) -> Iterator[str]:
    yield f"积分{_space(rule)}{rule.text}。"
    if not rule.never:
        yield "优先扣最早到期的积分。"


def _space(rule: ExpiryRule) -> str:
    """A blank stands between Chinese characters and a digit."""
    return " " if rule.text[0].isdigit() else ""
