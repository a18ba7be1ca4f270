"""What operators can make of the rules, seen through the engine: each capability by its id."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest

from loyalty.earning.commands import RecordEvent, event_request_key
from loyalty.earning.outcomes import EventMalformed, EventRecorded, OrderNotPaid, UnknownEvent
from loyalty.engine.outcomes import Outcome
from tests.ledger import DAY_S, ZONE, Ledger, rules_with
from tests.loyalty.earning.test_events import SPEND, STORES, buy, clean, refund, report, sums

EVENTS: list[dict[str, Any]] = [
    {"id": "purchase", "name": "消费", "amount": "required", "order": "required"},
    {"id": "service", "name": "服务", "amount": "required"},
    {"id": "recharge", "name": "充值", "amount": "required"},
    {"id": "subscription", "name": "订阅", "amount": "required"},
    {"id": "review", "name": "评价", "order": "own", "attributes": {"line": "integer", "rating": "integer"}},
    {"id": "survey", "name": "问卷", "attributes": {"survey": "text", "answer": "text"}},
    {"id": "workout", "name": "打卡", "attributes": {"task": "text", "evidence": "text"}},
    {"id": "note", "name": "分享笔记", "attributes": {"community": "text"}},
    {"id": "booking", "name": "预约"},
    {"id": "booking_arrived", "name": "预约到店"},
]  # fmt: skip


def paying(event: str, points: int, rule_id: str = "", **parts: Any) -> dict[str, Any]:
    return {"id": rule_id or event, "name": event, "on": event, "award": {"points": points}} | parts


def factor(rule_id: str, multiply: int | str, *when: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {
        "id": rule_id,
        "name": rule_id,
        "on": "purchase",
        "multiply": multiply,
        "when": list(when),
    } | parts


async def open_with(ledger: Ledger, *earning: dict[str, Any], **parts: Any) -> int:
    """A member in a programme with these earning rules."""
    rules = rules_with(events=EVENTS, stores=STORES, earning=[*earning], welcome={"points": 0}, **parts)
    await ledger.publish(rules)
    return await ledger.member()


async def pays(ledger: Ledger, member: int, event: str, kind: str, **fields: Any) -> int:
    """The points of an event; its attributes are written as arguments."""
    attributes = {
        name: fields.pop(name) for name in list(fields) if name not in ("amount_fen", "order", "store")
    }
    outcome = await report(ledger, member, event, kind, attributes=json.dumps(attributes), **fields)
    assert isinstance(outcome, EventRecorded), outcome
    return outcome.points


async def bought(ledger: Ledger, member: int, orders: Iterable[Any], fen: int = 1000) -> list[int]:
    """The points of one order after the other; a number in between is days that pass."""
    points = []
    for order in orders:
        if isinstance(order, int):
            ledger.clock.advance(order * DAY_S)
        else:
            points.append((await buy(ledger, member, order, fen)).points)
    return points


async def test_four_kinds_of_events_have_a_rule_each(ledger: Ledger) -> None:
    """E02: each type maps to its own rule; an unknown one is refused, not silently zero."""
    kinds = ("purchase", "service", "recharge", "subscription")
    member = await open_with(ledger, *(paying(kind, points) for points, kind in enumerate(kinds, 1)))
    got = [
        await pays(
            ledger, member, kind, kind, amount_fen=100, **({"order": "1"} if kind == "purchase" else {})
        )
        for kind in kinds
    ]
    assert got == [1, 2, 3, 4]
    assert await report(ledger, member, "x", "gift", amount_fen=100) == UnknownEvent("gift")
    await clean(ledger)


async def test_a_task_pays_once_a_day_by_its_evidence(ledger: Ledger) -> None:
    """E07: once per member, task and day; the same evidence again is the same event."""
    member = await open_with(ledger, paying("workout", 5, limit=[{"per": "day", "times": 1, "of": "task"}]))
    got = [
        await pays(ledger, member, evidence, "workout", task=task, evidence=evidence)
        for evidence, task in (("v1", "run"), ("v1", "run"), ("v2", "run"), ("v3", "swim"))
    ]
    assert got == [5, 5, 0, 5]  # the second answer is that of the first request
    assert await ledger.balance(member) == 10
    ledger.clock.advance(DAY_S)
    assert await pays(ledger, member, "v4", "workout", task="run", evidence="v4") == 5
    await clean(ledger)


async def test_any_honest_review_of_an_own_order_pays_the_same(ledger: Ledger) -> None:
    """E08, E27: once per order line, whatever the rating; nothing for an order of somebody else."""
    member = await open_with(
        ledger, SPEND, paying("review", 20, limit=[{"per": "order", "times": 1, "of": "line"}])
    )
    other = await ledger.member()
    await buy(ledger, member, "A", 100)
    got = [
        await pays(ledger, member, f"r{n}", "review", order="A", line=line, rating=rating)
        for n, (line, rating) in enumerate([(1, 5), (2, 1), (1, 3)])
    ]
    assert got == [20, 20, 0]
    attributes = '{"line": 1, "rating": 5}'
    assert await report(ledger, other, "o", "review", order="A", attributes=attributes) == OrderNotPaid("A")
    assert await report(ledger, member, "n", "review", order="B", attributes=attributes) == OrderNotPaid("B")
    await clean(ledger)


async def test_the_first_order_and_the_first_review_pay_once_ever(ledger: Ledger) -> None:
    """E15, E16: also after a refund of the first order, which takes its reward back."""
    first = paying(
        "purchase",
        50,
        "first_order",
        when=[{"order_number": {"ever": 1}}],
        limit=[{"per": "ever", "times": 1}],
    )
    review = paying("review", 30, when=[{"first_of_its_kind": True}])
    member = await open_with(ledger, first, review)
    assert await bought(ledger, member, ["1", "2"]) == [50, 0]
    got = [await pays(ledger, member, f"r{n}", "review", order="1", line=n, rating=5) for n in range(2)]
    assert got == [30, 0]
    await refund(ledger, member, "back-1", "1", 1000)
    await refund(ledger, member, "back-2", "2", 1000)
    assert (await sums(ledger, member))["available"] == 30
    assert await bought(ledger, member, ["3"]) == [0]
    await clean(ledger)


async def test_the_third_order_within_days_pays_more(ledger: Ledger) -> None:
    """E17: orders that were paid back do not count."""
    third = paying("purchase", 100, "third", when=[{"order_number": {"within_days": 30, "nth": 3}}])
    member = await open_with(ledger, third)
    assert await bought(ledger, member, ["1", 1, "2"]) == [0, 0]
    await refund(ledger, member, "back", "2", 1000)
    assert await bought(ledger, member, [1, "3", 1, "4", 1, "5"]) == [0, 100, 0]
    assert await bought(ledger, member, [40, "6"]) == [0]
    await clean(ledger)


async def test_three_months_in_a_row_double_the_third(ledger: Ledger) -> None:
    """E18: a gap resets."""
    member = await open_with(ledger, SPEND, factor("third_month", 2, {"months_in_a_row": 3}))
    months = ["1", 31, "2", "2b", 31, "3", "3b", 31, "4"]
    assert await bought(ledger, member, months) == [10, 10, 10, 20, 20, 10]
    assert await bought(ledger, member, [62, "5", 31, "6", 31, "7"]) == [10, 10, 20]
    await clean(ledger)


@pytest.mark.parametrize(("multipliers", "points"), [("best", 30), ("product", 60)])
async def test_a_factor_holds_within_its_window(ledger: Ledger, multipliers: str, points: int) -> None:
    """E20: [start, end) and no longer; several factors go together as it is written."""
    begin = ledger.clock.now().astimezone(ZONE).replace(tzinfo=None, microsecond=0) + timedelta(hours=1)
    window = {
        "from": f"{begin:%Y-%m-%dT%H:%M}",
        "until": f"{begin + timedelta(hours=1):%Y-%m-%dT%H:%M}",
    }
    rules = (SPEND, factor("double", 2, **window), factor("triple", 3, **window))
    member = await open_with(ledger, *rules, stacking={"multipliers": multipliers})
    start = begin.replace(tzinfo=ZONE)
    ledger.clock.advance(3 * 3600)
    second = timedelta(seconds=1)
    instants = (start - second, start, start + timedelta(hours=1) - second, start + timedelta(hours=1))
    got = [await _bought_at(ledger, member, f"{at}", at) for at in instants]
    assert got == [10, points, points, 10]
    await clean(ledger)


async def _bought_at(ledger: Ledger, member: int, order: str, at: datetime) -> int:
    command = RecordEvent(
        member_id=member, request_key=event_request_key("till", order), at=at, source="till", event=order,
        kind="purchase", order=order, amount_fen=1000,
    )  # fmt: skip
    outcome: Outcome = (await ledger.engine.run(command)).outcome
    assert isinstance(outcome, EventRecorded), outcome
    return outcome.points


async def test_a_survey_pays_once(ledger: Ledger) -> None:
    """E22: one credit per member and survey; an empty answer is refused."""
    member = await open_with(
        ledger, paying("survey", 10, limit=[{"per": "ever", "times": 1, "of": "survey"}])
    )
    got = [
        await pays(ledger, member, f"s{n}", "survey", survey=survey, answer="好")
        for n, survey in enumerate(["q1", "q1", "q2"])
    ]
    assert got == [10, 0, 10]
    for answer, why in (('{"survey": "q3", "answer": " "}', "empty"), ('{"survey": "q3"}', "missing")):
        assert await report(ledger, member, why, "survey", attributes=answer) == EventMalformed("answer", why)
    await clean(ledger)


async def test_notes_pay_by_the_generic_rule_within_a_days_cap(ledger: Ledger) -> None:
    """E23, E24: custom events; one that carries a community's id pays only where the rule says so."""
    note = paying("note", 8, when=[{"community": ["run-club"]}], limit=[{"per": "day", "points": 20}])
    member = await open_with(ledger, note)
    got = [
        await pays(ledger, member, f"n{n}", "note", community=community)
        for n, community in enumerate(["run-club", "others", "run-club", "run-club", "run-club"])
    ]
    assert got == [8, 0, 8, 4, 0]
    await clean(ledger)


async def test_a_booking_pays_on_arrival(ledger: Ledger) -> None:
    """E25: not on booking, and nothing for who does not come."""
    member = await open_with(ledger, paying("booking_arrived", 15))
    assert [await pays(ledger, member, kind, kind) for kind in ("booking", "booking_arrived")] == [0, 15]
    await clean(ledger)


TIERS = [{"id": "basic", "name": "普通", "growth": 0}, {"id": "gold", "name": "金卡", "growth": 100}]


async def test_gold_members_get_more_sooner_and_more_often(ledger: Ledger) -> None:
    """E21, E32, E36: twice the points, at once, and a limit that others meet earlier."""
    spend = SPEND | {"pending_days": {"default": 7, "gold": 0}}
    daily = paying(
        "booking", 1, limit=[{"per": "day", "times": 1, "tier": ["basic"]}, {"per": "day", "times": 3}]
    )
    rules = (spend, factor("gold", 2, {"tier": ["gold"]}), daily | {"growth": "none"})
    member = await open_with(ledger, *rules, tiers=TIERS)
    gold = await ledger.member()
    first = await buy(ledger, gold, "rise", 10000)
    assert (first.points, first.pending) == (100, 100)
    for who, points, pending in ((member, 10, 10), (gold, 20, 0)):
        got = await buy(ledger, who, f"o{who}", 1000)
        assert (got.points, got.pending) == (points, pending)
    got_each = [
        [await pays(ledger, who, f"b{who}-{n}", "booking") for n in range(4)] for who in (member, gold)
    ]
    assert got_each == [[1, 0, 0, 0], [1, 1, 1, 0]]
    await clean(ledger)


async def test_the_tier_is_that_of_the_events_time(ledger: Ledger) -> None:
    """E21: an event that is reported late pays by the tier that the member had when it happened."""
    kept: dict[str, Any] = {"tiers": TIERS, "tier_review": {"by": "never"}}
    member = await open_with(ledger, SPEND, factor("gold", 2, {"tier": ["gold"]}), **kept)
    before = ledger.clock.now()
    ledger.clock.advance(3600)
    await buy(ledger, member, "rise", 10000)
    ledger.clock.advance(3600)
    instants = {"late": before + timedelta(minutes=30), "now": ledger.clock.now()}
    assert [await _bought_at(ledger, member, order, at) for order, at in instants.items()] == [10, 20]
    await clean(ledger)


async def test_newcomers_have_their_own_rule(ledger: Ledger) -> None:
    """T10: a rule may be for those who joined lately, or for those who have been here long."""
    new = factor("newcomers", 3, {"member_for": {"below": 7}})
    loyal = factor("loyal", 2, {"member_for": {"at_least": 30}})
    member = await open_with(ledger, SPEND, new, loyal)
    assert await bought(ledger, member, ["1", 6, "2", 1, "3", 22, "4", 1, "5"]) == [30, 30, 10, 10, 20]
    await clean(ledger)


async def test_the_receipt_of_an_award_has_the_new_balance(ledger: Ledger) -> None:
    """E35: the answer to the event names what can be spent now."""
    member = await open_with(ledger, SPEND)
    got = await buy(ledger, member, "1", 8880)
    assert got.balance == await ledger.balance(member) == 88
