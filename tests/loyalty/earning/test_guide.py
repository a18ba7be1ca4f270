"""docs/rules.md: every example is valid, and members read what the page says they read."""

import re
from collections import defaultdict
from typing import Any

from loyalty.earning.rules.conditions import Condition
from loyalty.earning.rules.texts import rule_texts
from loyalty.missions import words as missions
from loyalty.polls import words as polls
from loyalty.programme.files.document import read_document
from tests.ledger import rules_with
from tests.loyalty.earning.facts import condition
from tests.source import ROOT

PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")


def read(text: str) -> Any:
    """A text as the program reads a rule file."""
    document = read_document(text)
    assert not document.faults, document.faults
    return document.value


def test_the_guides_examples_are_valid_and_say_what_it_says() -> None:
    sections: dict[str, Any] = defaultdict(list)
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
        for key, value in read(block).items():
            sections[key] = value if isinstance(value, dict) else sections[key] + value
    rules = rules_with(**sections)
    topics = [*rule_texts(rules, ()), *missions.rule_texts(rules), *polls.rule_texts(rules.polls)]
    told = [one for topic in topics for one in topic.sentences]
    assert sorted(told) == sorted(re.findall(r"^> (.+)$", PAGE, re.MULTILINE))


def test_the_guide_shows_every_condition() -> None:
    table = [row for row in PAGE.splitlines() if row.startswith("| ") and "`{" in row]
    shown = [read(one) for row in table for one in re.findall(r"`(\{.+?\})`(?:、|$| \|)", row)]
    assert {condition(**one).kind for one in shown} == Condition.model_fields.keys()
