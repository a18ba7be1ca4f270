"""Events, orders and refunds through the engine: what they earn, what comes twice, and every order in which they may arrive."""

import asyncio
import itertools
from datetime import date, timedelta
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.earning.commands import RecordEvent, RecordRefund, event_request_key
from loyalty.earning.outcomes import (
    EventIdReused,
    EventMalformed,
    EventRecorded,
    EventTooOld,
    OrderOfAnother,
    OrderRecorded,
    OrderRefunded,
    RefundTooLarge,
    UnknownEvent,
    UnknownStore,
)
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import RequestKeyReused
from loyalty.expiry.commands import Book
from loyalty.merging.run import merge, split
from loyalty.rewards.commands import Redeem
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

EVENTS: list[dict[str, Any]] = [
    {"id": "purchase", "name": "消费", "amount": "required", "order": "required"},
    {"id": "recharge", "name": "储值", "amount": "required"},
    {"id": "review", "name": "评价", "order": "required"},
    {"id": "workout", "name": "运动打卡", "attributes": {"minutes": "integer"}},
]
SPEND: dict[str, Any] = {
    "id": "spend",
    "name": "消费返积分",
    "on": "purchase",
    "award": {"points": 1, "per_fen": 100},
}
STORES = [{"id": "sh-01", "name": "静安店", "region": "华东"}, {"id": "sh-02", "name": "徐汇店"}]


async def publish(ledger: Ledger, *earning: dict[str, Any], **parts: Any) -> None:
    await ledger.publish(
        rules_with(events=EVENTS, stores=STORES, earning=[*earning], welcome={"points": 0}, **parts)
    )


async def report(ledger: Ledger, member: int, event: str, kind: str = "purchase", **fields: Any) -> Outcome:
    key = event_request_key("till", event)
    return (
        await ledger.run(RecordEvent, member, key, source="till", event=event, kind=kind, **fields)
    ).outcome


async def buy(ledger: Ledger, member: int, order: str, fen: int, **fields: Any) -> EventRecorded:
    outcome = await report(ledger, member, f"e-{order}", order=order, amount_fen=fen, **fields)
    assert isinstance(outcome, EventRecorded), outcome
    return outcome


async def refund(ledger: Ledger, member: int, event: str, order: str, fen: int) -> Outcome:
    key = event_request_key("till", event)
    fields = {"source": "till", "event": event, "refund_of": order, "amount_fen": fen}
    return (await ledger.run(RecordRefund, member, key, **fields)).outcome


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def sums(ledger: Ledger, member: int) -> dict[str, int]:
    row = await ledger.pool.fetchrow(
        "SELECT available, pending, debt, issued, spent, expired, reversed, growth FROM account WHERE member_id = $1",
        member,
    )
    return dict(row)


async def test_an_order_pays_its_ratio_once(ledger: Ledger) -> None:
    """E01: 88.80 yuan at 1 point a yuan pay 88; the same order pays nothing again."""
    await publish(ledger, SPEND)
    member = await ledger.member()
    first = await buy(ledger, member, "A1", 8880, store="sh-01")
    assert (first.points, first.pending, first.balance, first.rules) == (88, 0, 88, ("spend",))
    again = await report(ledger, member, "e-A1", order="A1", amount_fen=8880, store="sh-01")
    assert again == first
    assert await report(ledger, member, "other", order="A1", amount_fen=8880, store="sh-01") == OrderRecorded(
        "A1"
    )
    assert await report(ledger, member, "e-A1", order="A1", amount_fen=9, store="sh-01") == RequestKeyReused()
    assert await ledger.balance(member) == 88
    await clean(ledger)


async def test_an_order_bought_online_and_collected_at_a_store_pays_once(ledger: Ledger) -> None:
    """E26: the write-off does not pay twice; orders of two stores with one number are two orders."""
    await publish(ledger, SPEND)
    member, other = await ledger.member(), await ledger.member()
    await buy(ledger, member, "W1", 1000, channel="online")
    assert await report(ledger, member, "pos", order="W1", amount_fen=1000, store="sh-01") == OrderRecorded(
        "W1"
    )
    assert await report(ledger, other, "x", order="W1", amount_fen=1000, store="sh-02") == OrderOfAnother(
        "W1"
    )
    await buy(ledger, member, "7", 1000, store="sh-01")
    assert (await report(ledger, other, "y", order="7", amount_fen=1000, store="sh-01")) == OrderOfAnother(
        "7"
    )
    assert isinstance(
        await report(ledger, other, "z", order="7", amount_fen=1000, store="sh-02"), EventRecorded
    )
    await clean(ledger)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"kind": "flight"}, UnknownEvent("flight")),
        ({"order": "1", "amount_fen": 1, "store": "bj-1"}, UnknownStore("bj-1")),
        ({"order": "1"}, EventMalformed("amount_fen", "missing")),
        ({"amount_fen": 1}, EventMalformed("order", "missing")),
        ({"kind": "review", "order": "1", "amount_fen": 1}, EventMalformed("amount_fen", "unwanted")),
        ({"kind": "workout"}, EventMalformed("minutes", "missing")),
        ({"kind": "workout", "attributes": '{"minutes": true}'}, EventMalformed("minutes", "type")),
        ({"kind": "workout", "attributes": '{"minutes": 1, "x": 1}'}, EventMalformed("x", "unwanted")),
    ],
)  # fmt: skip
async def test_bad_events_are_refused_by_name(
    ledger: Ledger, fields: dict[str, Any], refusal: Outcome
) -> None:
    """E02: an unknown type is refused, not worth nothing."""
    await publish(ledger, SPEND)
    member = await ledger.member()
    before = await ledger.version(member)
    assert await report(ledger, member, "bad", **{"kind": "purchase"} | fields) == refusal
    assert await ledger.version(member) == before


async def test_events_of_the_deep_past_are_refused(ledger: Ledger) -> None:
    await publish(ledger, SPEND)
    member = await ledger.member()
    long_ago = ledger.clock.now() - timedelta(days=401)
    command = RecordEvent(
        member_id=member, request_key="k", at=long_ago, source="till", event="old", kind="purchase", order="1", amount_fen=1
    )  # fmt: skip
    assert (await ledger.engine.run(command)).outcome == EventTooOld(400)


async def test_an_id_belongs_to_one_member(ledger: Ledger) -> None:
    await publish(ledger, SPEND)
    one, other = await ledger.member(), await ledger.member()
    await buy(ledger, one, "A", 100)
    assert await report(ledger, other, "e-A", order="B", amount_fen=100) == EventIdReused()


async def test_two_members_claim_one_order_at_once(ledger: Ledger) -> None:
    await publish(ledger, SPEND)
    members = [await ledger.member() for _ in range(8)]
    outcomes = await asyncio.gather(
        *(report(ledger, member, f"e{member}", order="X", amount_fen=1000) for member in members)
    )
    assert sum(isinstance(one, EventRecorded) for one in outcomes) == 1
    assert sum(one == OrderOfAnother("X") for one in outcomes) == 7
    await clean(ledger)


async def test_an_order_with_and_without_its_store_at_once_is_one_order(ledger: Ledger) -> None:
    """Whoever is first has it; of two stores, each may have an order of that number."""
    await publish(ledger, SPEND)
    members = [await ledger.member() for _ in range(12)]
    for number, stores in enumerate(((None, "sh-01"), ("sh-01", None), ("sh-01", "sh-02"))):
        order = f"S{number}"
        outcomes = await asyncio.gather(
            *(
                report(ledger, one, f"{order}-{one}", order=order, amount_fen=1000, store=stores[one % 2])
                for one in members
            )
        )
        recorded = sum(isinstance(one, EventRecorded) for one in outcomes)
        assert recorded == (1 if None in stores else 2)
        assert sum(one == OrderOfAnother(order) for one in outcomes) == 12 - recorded
    await clean(ledger)


async def test_pending_points_open_on_their_day_and_join_the_lot_of_their_month(ledger: Ledger) -> None:
    """E36: pending points cannot be spent until they open; seven pending days leave one lot."""
    await publish(ledger, SPEND | {"pending_days": 7})
    member = await ledger.member()
    for number in range(7):
        got = await buy(ledger, member, str(number), 1000)
        assert (got.points, got.pending, got.balance) == (10, 10, 0)
        ledger.clock.advance(DAY_S)
    assert (await ledger.run(Redeem, member, reward="cookie")).outcome.code == "not_enough_points"
    ledger.clock.advance(7 * DAY_S)
    await ledger.run(Book, member)
    lots = await ledger.pool.fetch(
        "SELECT opens_on, remaining FROM lot WHERE member_id = $1 AND remaining > 0", member
    )
    assert [tuple(lot) for lot in lots] == [(date(2000, 1, 1), 70)]
    assert (await ledger.run(Redeem, member, reward="cookie")).outcome.code == "redeemed"
    await clean(ledger)


PARTS = [("r1", 3000), ("r2", 3333), ("r3", 2547)]


@pytest.mark.parametrize("pending", [0, 7])
async def test_any_order_of_purchase_refunds_and_lapse_ends_in_one_state(
    ledger: Ledger, pending: int
) -> None:
    """I12, D13: purchase, refunds and lapse in any order end in one state, whole or in parts."""
    await publish(ledger, SPEND | {"pending_days": pending, "expiry": {"days": 30}})
    ends = []
    for number, order in enumerate(itertools.permutations(["buy", *PARTS, "lapse"])):
        if order.index("lapse") < order.index("buy"):
            continue
        member = await ledger.member()
        for step in order:
            if step == "buy":
                await buy(ledger, member, f"o{number}", 8880)
            elif step == "lapse":
                ledger.clock.advance(31 * DAY_S)
                await ledger.run(Book, member)
            else:
                name, fen = str(step[0]), int(step[1])
                outcome = await refund(ledger, member, f"{name}-{number}", f"o{number}", fen)
                assert isinstance(outcome, OrderRefunded)
        ends.append(await sums(ledger, member))
    assert all(one == ends[0] for one in ends), ends
    assert (ends[0]["reversed"], ends[0]["expired"], ends[0]["debt"], ends[0]["growth"]) == (88, 0, 0, 0)
    await clean(ledger)


async def test_a_refund_of_spent_points_is_owed_and_repaid_first(ledger: Ledger) -> None:
    """D13, I13: what was spent becomes a debt, which later points repay first."""
    await publish(ledger, SPEND)
    member = await ledger.member()
    await buy(ledger, member, "1", 10000)
    assert (await ledger.run(Redeem, member, reward="cookie")).outcome.code == "redeemed"
    outcome = await refund(ledger, member, "r", "1", 10000)
    assert isinstance(outcome, OrderRefunded)
    assert (outcome.points, outcome.debt, outcome.full, outcome.balance) == (100, 60, True, 0)
    assert (await buy(ledger, member, "2", 9000)).balance == 30
    assert (await sums(ledger, member))["debt"] == 0
    assert await refund(ledger, member, "r-again", "1", 1) == RefundTooLarge(0)
    assert await refund(ledger, member, "r-more", "2", 9001) == RefundTooLarge(9000)
    await clean(ledger)


async def test_a_debt_has_its_limit(ledger: Ledger) -> None:
    await publish(ledger, SPEND, refunds={"most_debt": 25})
    member = await ledger.member()
    await buy(ledger, member, "1", 6000)
    await ledger.run(Redeem, member, reward="cookie")
    outcome = await refund(ledger, member, "r", "1", 6000)
    assert isinstance(outcome, OrderRefunded)
    assert (outcome.points, outcome.debt, outcome.unrecovered) == (25, 25, 35)
    await clean(ledger)


async def test_first_order_falls_with_its_refund(ledger: Ledger) -> None:
    """E16: the first order pays three times, and a refund claws it back; the next one is the first then."""
    first = {
        "id": "first",
        "name": "首单三倍",
        "on": "purchase",
        "when": [{"order_number": {"ever": 1}}],
        "multiply": 3,
    }
    await publish(ledger, SPEND, first)
    member = await ledger.member()
    assert (await buy(ledger, member, "1", 1000)).points == 30
    assert (await buy(ledger, member, "2", 1000)).points == 10
    await refund(ledger, member, "r1", "1", 1000)
    await refund(ledger, member, "r2", "2", 1000)
    assert await sums(ledger, member) | {"issued": 40, "reversed": 40, "growth": 0} == await sums(
        ledger, member
    )
    assert (await buy(ledger, member, "3", 1000)).points == 30
    await clean(ledger)


async def test_limits_and_budgets(ledger: Ledger) -> None:
    """E07, E31: a day's limit and a day's budget; what does not fit is withheld and said."""
    workout = {
        "id": "workout",
        "name": "运动打卡",
        "on": "workout",
        "award": {"points": 5},
        "limit": [{"per": "day", "times": 1}],
    }
    review = {
        "id": "review",
        "name": "评价",
        "on": "review",
        "award": {"points": 20},
        "budget": {"per_day": 50},
    }
    await publish(ledger, workout, review)
    one, other = await ledger.member(), await ledger.member()
    paid = [await report(ledger, one, f"w{n}", "workout", attributes='{"minutes": 30}') for n in range(2)]
    assert [(got.points, got.withheld) for got in paid] == [(5, ()), (0, (("workout", "limit"),))]  # type: ignore[attr-defined]
    many = await asyncio.gather(
        *(
            report(ledger, member, f"v{member}-{n}", "review", order=f"{member}-{n}")
            for member in (one, other)
            for n in range(3)
        )
    )
    assert sorted(got.points for got in many) == [0, 0, 0, 0, 20, 20]  # type: ignore[attr-defined]
    ledger.clock.advance(DAY_S)
    next_day = await report(ledger, one, "next", "review", order="next")
    assert isinstance(next_day, EventRecorded)
    assert next_day.points == 20
    await clean(ledger)


async def test_orders_follow_a_merge_and_come_back(ledger: Ledger) -> None:
    await publish(ledger, SPEND | {"growth": {"points": 2, "per_fen": 100}})
    old, young = await ledger.member(), await ledger.member()
    await buy(ledger, young, "M", 5000)
    await refund(ledger, young, "early", "N", 700)
    await merge(ledger.engine, (old, young), actor="system", reason="unionid 相同")
    assert await sums(ledger, old) | {"available": 50, "growth": 100} == await sums(ledger, old)
    outcome = await refund(ledger, old, "r", "M", 1000)
    assert isinstance(outcome, OrderRefunded)
    assert (outcome.points, outcome.growth) == (10, 20)
    assert (await buy(ledger, old, "N", 1000)).reversed == 7
    assert await report(ledger, old, "twice", order="M", amount_fen=5000) == OrderRecorded("M")
    await clean(ledger)
    await split(ledger.engine, young, actor="system", reason="弄错了")
    await clean(ledger)
    assert isinstance(await refund(ledger, young, "r2", "M", 1000), OrderRefunded)
    await clean(ledger)


async def test_a_paid_month_pays_once_a_month_and_a_refund_takes_what_is_unspent(ledger: Ledger) -> None:
    """E33: 包月: a month's lot once per period; a refund claws back the unspent part, and nothing is owed for the rest."""
    plan = {"id": "plan", "name": "包月 9.9 元", "amount": "required", "order": "required"}
    monthly = {
        "id": "monthly", "name": "包月积分", "on": "plan", "award": {"points": 100}, "expiry": {"days": 31},
        "limit": [{"per": "month", "times": 1}],
    }  # fmt: skip
    await ledger.publish(
        rules_with(events=[plan], earning=[monthly], welcome={"points": 0}, refunds={"most_debt": 0})
    )
    member = await ledger.member()
    paid = [await report(ledger, member, f"m{n}", "plan", order=f"m{n}", amount_fen=990) for n in range(2)]
    assert [(one.points, one.withheld) for one in paid] == [(100, ()), (0, (("monthly", "limit"),))]  # type: ignore[attr-defined]
    assert (await ledger.run(Redeem, member, reward="cookie")).outcome.code == "redeemed"
    outcome = await refund(ledger, member, "r", "m0", 990)
    assert isinstance(outcome, OrderRefunded)
    assert (outcome.points, outcome.debt, outcome.unrecovered, outcome.balance) == (40, 0, 60, 0)
    ledger.clock.advance(31 * DAY_S)
    again = await report(ledger, member, "m2", "plan", order="m2", amount_fen=990)
    assert isinstance(again, EventRecorded)
    assert again.points == 100
    await clean(ledger)


async def test_a_refund_without_a_store_means_the_order_of_which_enough_is_left(ledger: Ledger) -> None:
    await publish(ledger, SPEND)
    member = await ledger.member()
    for store in ("sh-01", "sh-02"):
        key = event_request_key("till", f"e-{store}")
        fields = {
            "source": "till",
            "event": f"e-{store}",
            "kind": "purchase",
            "order": "1001",
            "store": store,
        }
        await ledger.run(RecordEvent, member, key, amount_fen=1000, **fields)
    for number in range(2):
        assert isinstance(await refund(ledger, member, f"r{number}", "1001", 1000), OrderRefunded)
    assert await refund(ledger, member, "r2", "1001", 1) == RefundTooLarge(0)
    assert await ledger.balance(member) == 0
    await clean(ledger)


async def test_points_that_opened_after_a_merge_go_back_with_a_split(ledger: Ledger) -> None:
    await publish(ledger, SPEND | {"pending_days": 3})
    old, young = await ledger.member(), await ledger.member()
    await buy(ledger, old, "O", 2000)
    await buy(ledger, young, "Y", 5000)
    await merge(ledger.engine, (old, young), actor="system", reason="unionid 相同")
    ledger.clock.advance(3 * DAY_S)
    await ledger.run(Book, old)
    assert await ledger.balance(old) == 70
    await split(ledger.engine, young, actor="system", reason="弄错了")
    assert [await ledger.balance(one) for one in (old, young)] == [20, 50]
    await clean(ledger)
