"""Reading a file of rules."""

import json
from pathlib import Path

import yaml
from pydantic import ValidationError

from loyalty.programme.rules import RuleSet


class NotPublished(Exception):
    """A rule set was not published. The message tells the operator why; each reason is a class of its own."""


class InvalidRules(NotPublished):
    """The rule file cannot be read, or its rules are invalid; the message names each fault."""


def read_rules(path: Path) -> RuleSet:
    """A rule set from a YAML file. Raises InvalidRules."""
    try:
        return RuleSet.model_validate_json(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    except (OSError, TypeError, UnicodeError, yaml.YAMLError) as error:
        raise InvalidRules(f"{path}: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'rules'}: {fault['msg']}" for fault in error.errors()
        )
        raise InvalidRules(f"{path}: {faults}") from error
