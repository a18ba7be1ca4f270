"""What members lose when an earning rule changes is named; what is as good or better is not."""

from typing import Any

import pytest

from loyalty.programme.comparing.favour import losses
from tests.ledger import rules_with
from tests.loyalty.earning.facts import SPEND

PURCHASE = {"id": "purchase", "name": "消费", "amount": "required", "order": "required"}
STORES = [{"id": "sh-01", "name": "人民广场店"}, {"id": "sh-02", "name": "静安店"}]
DOUBLE = {"id": "double", "name": "双倍", "on": "purchase", "multiply": 2, "when": [{"store": ["sh-01"]}]}


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The losses between two versions of the last rule."""
    base = {"events": [PURCHASE], "stores": STORES}
    return losses(
        *(
            rules_with(
                **base, earning=[SPEND | {"award": {"points": 9}}, DOUBLE, _last(parts)] if parts else []
            )
            for parts in (before, after)
        )
    )


def _last(parts: dict[str, Any]) -> dict[str, Any]:
    whole = {"id": "last", "name": "末条", "on": "purchase", "award": {"points": 2, "per_fen": 100}} | parts
    return {key: value for key, value in whole.items() if not (key == "award" and "multiply" in parts)}


OLD = {"limit": [{"per": "day", "times": 2}], "pending_days": {"default": 7, "gold": 1}}
CASES: list[tuple[dict[str, Any], dict[str, Any], str | None]] = [
    (OLD, OLD | {"name": "改名"}, None),
    (OLD, OLD | {"award": {"points": 3, "per_fen": 100}}, None),
    (OLD, OLD | {"award": {"points": 1, "per_fen": 100}}, "points（积分）：2 → 1"),
    (OLD, OLD | {"award": {"points": 2, "per_fen": 90}}, None),
    (OLD, OLD | {"award": {"points": 2, "per_fen": 110}}, "per_fen（每多少钱）：1 元 → 1.10 元"),
    (OLD, OLD | {"limit": []}, None),
    (OLD, OLD | {"limit": [{"per": "day", "times": 3}]}, None),
    (OLD, OLD | {"limit": [{"per": "day", "times": 2, "tier": ["basic"]}]}, None),
    (OLD, OLD | {"limit": [{"per": "day", "times": 1}]}, "每天的上限：2 次 → 1 次"),
    (OLD, OLD | {"limit": [*OLD["limit"], {"per": "month", "points": 9}]}, "每月的上限：没有 → 9 积分"),
    (OLD, OLD | {"pending_days": 1}, None),
    (OLD, OLD | {"pending_days": 7}, "gold：1 天 → 7 天"),
    (OLD, OLD | {"when": [{"weekday": ["monday"]}]}, "新加了条件（星期几）"),
    (OLD | {"when": [{"tier": ["gold"]}]}, OLD | {"when": [{"tier": ["gold", "silver"]}]}, None),
    (OLD | {"when": [{"amount": {"at_least": 9}}]}, OLD | {"when": [{"amount": {"at_least": 8}}]}, None),
    (
        OLD | {"when": [{"amount": {"at_least": 9}}]},
        OLD | {"when": [{"amount": {"below": 99}}]},
        "条件变了，可能变严了（金额）",
    ),
    (OLD, OLD | {"growth": "none"}, "成长值可能变少了"),
    (OLD | {"growth": "none"}, OLD, None),
    (OLD, OLD | {"until": "2027-01-01T00:00"}, "until（结束）"),
    (OLD | {"from": "2026-01-01T00:00"}, OLD | {"from": "2025-01-01T00:00"}, None),
    (OLD, OLD | {"budget": {"total": 5}}, "budget（预算）"),
    (OLD | {"budget": {"total": 5}}, OLD | {"budget": {"total": 6}}, None),
    ({"multiply": 2}, {"multiply": 3}, None),
    ({"multiply": 2}, {"multiply": "1.5"}, "multiply（倍数）：2 → 1.5"),
]


@pytest.mark.parametrize(("before", "after", "loss"), CASES)
def test_what_got_worse_is_named(before: dict[str, Any], after: dict[str, Any], loss: str | None) -> None:
    found = changed(before, after)
    assert len(found) == (loss is not None)
    assert all((loss or "") in one for one in found)


def test_a_rule_that_is_gone_is_a_loss_and_a_new_one_is_none() -> None:
    assert changed({}, OLD) == []
    assert [line.rpartition("：")[2] for line in changed(OLD, {})] == ["去掉了"] * 3
