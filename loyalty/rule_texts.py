"""The rules in Chinese, generated from the rule set, so that members read the same rules that the engine applies."""

from loyalty.engine.feature import RuleText
from loyalty.features import FEATURES
from loyalty.programme.rules import RuleSet


def rule_texts(rules: RuleSet) -> tuple[RuleText, ...]:
    """Every topic with at least one sentence under this rule set, in reading order."""
    topics = (topic for feature in FEATURES for topic in feature.texts(rules))
    return tuple(topic for topic in topics if topic.sentences)
