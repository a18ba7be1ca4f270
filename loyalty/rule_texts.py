"""The rules in Chinese, generated from the rule set, so that members read the same rules that the engine applies."""

from loyalty.engine.feature import RuleText
from loyalty.features import FEATURES
from loyalty.programme.rules import RuleSet

_written: dict[str, tuple[RuleText, ...]] = {}


def rule_texts(rules: RuleSet) -> tuple[RuleText, ...]:
    """Every topic with at least one sentence under this rule set, in reading order; written once per digest."""
    if rules.digest not in _written:
        topics = (topic for feature in FEATURES for topic in feature.texts(rules))
        _written[rules.digest] = tuple(topic for topic in topics if topic.sentences)
    return _written[rules.digest]
