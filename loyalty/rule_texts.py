"""The rules in Chinese, generated from the rule set itself: what members read is what the engine does."""

from loyalty.engine.feature import RuleText
from loyalty.features import FEATURES
from loyalty.programme.rules import RuleSet


def rule_texts(rules: RuleSet) -> tuple[RuleText, ...]:
    """Every topic that this rule set switches on, in reading order."""
    topics = (topic for feature in FEATURES for topic in feature.texts(rules))
    return tuple(topic for topic in topics if topic.sentences)
