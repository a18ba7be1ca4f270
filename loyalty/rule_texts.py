"""The rules in Chinese, generated from the rule set, so that members read the same rules that the engine applies."""

from collections.abc import Set as AbstractSet

from loyalty.engine.feature import RuleText
from loyalty.engine.pools import pools_left
from loyalty.features import FEATURES
from loyalty.programme.rules import RuleSet

_written: dict[tuple[str, AbstractSet[str]], tuple[RuleText, ...]] = {}
MOST_WRITTEN = 1_000


def rule_texts(rules: RuleSet, empty: AbstractSet[str] = frozenset()) -> tuple[RuleText, ...]:
    """Every topic with at least one sentence under this rule set, in reading order; `empty` are the pools with nothing left.

    Written once per digest and empty pools.
    """
    key = (rules.digest, empty)
    if key not in _written:
        if len(_written) >= MOST_WRITTEN:
            _written.clear()
        topics = (topic for feature in FEATURES for topic in feature.texts(rules, empty))
        _written[key] = tuple(topic for topic in topics if topic.sentences)
    return _written[key]


async def rule_texts_now(rules: RuleSet) -> tuple[RuleText, ...]:
    """The topics with what is out now."""
    sizes = {
        name: size
        for feature in FEATURES
        for name, size in feature.publication.pool_sizes(feature.rule(rules)).items()
    }
    left = await pools_left(sizes)
    return rule_texts(rules, frozenset(name for name, pieces in left.items() if pieces == 0))
