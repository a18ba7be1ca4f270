"""A rule set as a file: what `jifen rules validate` reads back as the same rules."""

import yaml

from loyalty.programme.rules import RuleSet


def written(rules: RuleSet) -> str:
    """The rules as YAML, in the order of the model. Items that hold their default are left out."""
    return yaml.safe_dump(
        rules.model_dump(mode="json", exclude_defaults=True),
        allow_unicode=True,
        sort_keys=False,
        width=10_000,
    )
