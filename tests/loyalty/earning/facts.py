"""Facts, rules and chains for tests of earning."""

import json
from datetime import date, datetime
from typing import Any

from loyalty.earning.chain import Chain, chain
from loyalty.earning.rules.conditions import Condition
from loyalty.earning.rules.facts import Facts
from loyalty.earning.rules.rule import EarningRule, Stacking
from loyalty.ledger.calendar import expires_on
from tests.ledger import ZONE

NOON = datetime(2026, 3, 4, 12, tzinfo=ZONE)
"""A Wednesday."""
SPEND = {"id": "spend", "name": "消费返积分", "on": "purchase", "award": {"points": 1, "per_fen": 100}}


def facts(at: datetime = NOON, **parts: Any) -> Facts:
    """The facts of a purchase of 88.80 yuan, the member's second order, with these parts in place."""
    ordinary: dict[str, Any] = {
        "kind": "purchase", "amount_fen": 8880, "order": "A1", "tier": "basic", "joined_on": date(2026, 1, 1),
        "order_number": 2, "months_in_a_row": 1,
    }  # fmt: skip
    return Facts(at=at, day=at.date(), **(ordinary | parts))


def condition(**written: Any) -> Condition:
    """A condition in the words of the rule file."""
    return Condition.model_validate_json(json.dumps(written))


def rule(**parts: Any) -> EarningRule:
    """A rule in the words of the rule file; it pays 1 point per yuan unless it says otherwise."""
    base = SPEND if "award" in parts or "multiply" not in parts else SPEND | {"award": None}
    return EarningRule.model_validate_json(json.dumps(base | parts))


def factor(rule_id: str, multiply: int | str, **parts: Any) -> EarningRule:
    """A rule that multiplies purchases."""
    return rule(id=rule_id, name=rule_id, multiply=multiply, **parts)


def chain_of(*rules: EarningRule, of: Facts | None = None, **stacking: Any) -> Chain:
    """The chain of these rules, in a programme whose points last 12 months."""
    given = of or facts()
    return chain(rules, given, Stacking(**stacking), expires_on(given.day, 12))
