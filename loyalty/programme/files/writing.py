"""A rule set as a file: what `jifen rules validate` reads back as the same rules."""

from typing import Final

import yaml

from loyalty.programme.files.document import reads_as_itself
from loyalty.programme.rules import RuleSet

WIDEST: Final = 10_000
"""No line of ours is longer, so none is folded."""


class _Dumper(yaml.SafeDumper):
    """Puts quotes around every text that could be read as something else."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style=None if reads_as_itself(text) else '"'
    )


_Dumper.add_representer(str, _text)


def written(rules: RuleSet) -> str:
    """The rules as YAML, in the order of the model. Items that hold their default are left out."""
    body = rules.model_dump(mode="json", exclude_defaults=True)
    return yaml.dump(body, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDEST)
