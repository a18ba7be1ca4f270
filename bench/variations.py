"""The rules of a measure besides those of `rules.yaml`: 200 rules of earning, or a budget that every award takes from."""

import json
from collections.abc import Callable
from typing import Any, Final

from loyalty.programme.rules import RuleSet

MANY_RULES: Final = 200
AMPLE: Final = 10**12
"""A budget that no measure uses up."""


def varied(rules: RuleSet, variation: str) -> RuleSet:
    """The rules with a variation; "" for none. Raises KeyError for an unknown one."""
    if not variation:
        return rules
    body = rules.model_dump(mode="json", by_alias=True)
    VARIATIONS[variation](body)
    return RuleSet.model_validate_json(json.dumps(body))


def _many_rules(body: dict[str, Any]) -> None:
    """Rules for 19 further kinds of events and for purchases, each with a condition, a limit or a window."""
    kinds = [f"kind_{number}" for number in range(19)]
    body["events"] += [{"id": one, "name": one, "amount": "optional"} for one in kinds]
    body["earning"] += [_rule(number, ["purchase", *kinds][number % 20]) for number in range(MANY_RULES)]


def _rule(number: int, kind: str) -> dict[str, Any]:
    return {
        "id": f"rule_{number}",
        "name": f"第 {number} 条",
        "on": kind,
        "when": [{"amount": {"at_least": 1_000_000 + number}}],
        "from": "2026-01-01T00:00",
        "award": {"points": 1 + number},
        "limit": [{"per": "day", "times": 1}],
    }


def _budget(body: dict[str, Any]) -> None:
    """One day's, one month's and one total budget for the rule that every purchase awards by."""
    body["earning"][0]["budget"] = {"per_day": AMPLE, "per_month": AMPLE, "total": AMPLE}


def _shop(body: dict[str, Any]) -> None:
    """Stores in five regions, rewards that cost money, and three tiers, for the data of a whole shop (bench/shop.py)."""
    regions = ["华东", "华南", "华北", "西南", "华中"]
    body["stores"] = [
        {"id": f"s{number:02}", "name": f"{number} 号店", "region": regions[number % 5]}
        for number in range(40)
    ]
    body["rewards"] = [
        {
            "id": f"r{number}",
            "name": f"礼品 {number}",
            "kind": "voucher",
            "price_points": 50 + 25 * number,
            "cost_fen": 500,
            "valid_days": 60,
            "terms": "凭券码到店领取。",
        }
        for number in range(21)
    ]


VARIATIONS: Final[dict[str, Callable[[dict[str, Any]], None]]] = {
    "many_rules": _many_rules,
    "budget": _budget,
    "shop": _shop,
}
