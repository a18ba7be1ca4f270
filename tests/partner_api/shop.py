"""A programme with shops, and the events that their tills report."""

import itertools
from typing import Any

from loyalty.programme.rules import RuleSet
from tests.ledger import rules_with
from tests.partner_api.till import Till

SHOP: dict[str, Any] = {
    "stores": [{"id": "sh-01", "name": "静安店"}, {"id": "sh-02", "name": "徐汇店"}],
    "events": [
        {"id": "purchase", "name": "消费", "amount": "required", "order": "required"},
        {"id": "review", "name": "评价", "order": "required"},
        {"id": "workout", "name": "运动打卡", "attributes": {"minutes": "integer"}},
    ],
    "earning": [
        {"id": "spend", "name": "消费返积分", "on": "purchase", "award": {"points": 1, "per_fen": 100}},
        {"id": "workout", "name": "运动打卡", "on": "workout", "award": {"points": 5}},
    ],
}
_NUMBERS = itertools.count(1)


def shop_rules(**more: Any) -> RuleSet:
    """The demo's rules with two shops, three kinds of events, and one point per yuan at once."""
    return rules_with(**(SHOP | more))


def event(till: Till, member: int | dict[str, Any], /, **fields: Any) -> dict[str, Any]:
    """A purchase of 88.80 yuan now, unless the fields say otherwise; a field that is None is left out."""
    number = next(_NUMBERS)
    whole = {
        "id": f"e{number}",
        "type": "purchase",
        "member": {"member_id": member} if isinstance(member, int) else member,
        "occurred_at": till.house.clock.now().isoformat(),
        "amount_fen": 8880,
        "order_id": f"so-{number}",
        **fields,
    }
    return {name: value for name, value in whole.items() if value is not None}


def refund(till: Till, member: int, order: str, amount_fen: int, **fields: Any) -> dict[str, Any]:
    """A refund of an order."""
    return event(till, member, type="refund", order_id=None, refund_of=order, amount_fen=amount_fen, **fields)


async def report(till: Till, *events: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of events in one request."""
    answer = await till.post("/events", {"events": list(events)})
    assert answer.status == 200, answer.json
    results: list[dict[str, Any]] = answer.json["results"]
    return results
