"""A month of a busy shop: forty members, tills that repeat, refunds before their orders, a double day, and new rules in between."""

import asyncio
import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from loyalty.audit import audit
from loyalty.earning.commands import RecordEvent, RecordRefund, event_request_key
from loyalty.engine.command import Command
from loyalty.expiry.commands import Book
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

MEMBERS, DAYS, PENDING = 40, 30, 7
EVENTS: list[dict[str, Any]] = [{"id": "purchase", "name": "消费", "amount": "required", "order": "required"}]
STORES = [{"id": "sh-01", "name": "静安店"}, {"id": "sh-02", "name": "徐汇店"}]


def programme(rate: int) -> Any:
    """`rate` points a yuan after a week, twice on Wednesdays in one of the stores."""
    spend = {
        "id": "spend", "name": "消费返积分", "on": "purchase", "award": {"points": rate, "per_fen": 100}, "pending_days": PENDING,
    }  # fmt: skip
    double = {
        "id": "wednesday", "name": "周三双倍", "on": "purchase", "multiply": 2,
        "when": [{"weekday": ["wednesday"]}, {"store": ["sh-01"]}],
    }  # fmt: skip
    return rules_with(events=EVENTS, stores=STORES, earning=[spend, double], welcome={"points": 0})


class Order:
    """An order as a bookkeeper of the shop has it."""

    def __init__(self, member: int, number: str, store: str, fen: int, day: date, rate: int) -> None:
        self.member, self.number, self.store, self.fen, self.day = member, number, store, fen, day
        self.factor = rate * (2 if day.weekday() == 2 and store == "sh-01" else 1)
        self.back: list[tuple[str, int]] = []

    @property
    def points(self) -> int:
        return (self.fen - sum(fen for _, fen in self.back)) * self.factor // 100


def reports(orders: list[Order], at: datetime) -> list[Command]:
    """What the till sends of these orders: each purchase and each refund."""
    sent: list[Command] = []
    for one in orders:
        event = f"buy-{one.number}"
        sent.append(
            RecordEvent(
                member_id=one.member, request_key=event_request_key("till", event), at=at, actor="till", source="till",
                event=event, kind="purchase", order=one.number, store=one.store, amount_fen=one.fen,
            )
        )  # fmt: skip
        sent += [
            RecordRefund(
                member_id=one.member, request_key=event_request_key("till", event), at=at, actor="till", source="till",
                event=event, refund_of=one.number, store=one.store, amount_fen=fen,
            )
            for event, fen in one.back
        ]  # fmt: skip
    return sent


async def test_a_month_of_a_busy_shop(ledger: Ledger) -> None:
    dice, orders = random.Random(7), list[Order]()  # noqa: S311  # a seed that a failure can be repeated with
    await ledger.publish(programme(1))
    members = [await ledger.member() for _ in range(MEMBERS)]
    for number in range(DAYS):
        if number == DAYS // 2:
            await ledger.publish(programme(3))
        now = ledger.clock.now()
        today = [
            Order(
                dice.choice(members), f"{number}-{line}", dice.choice(("sh-01", "sh-02")), dice.choice((880, 1999, 5000)),
                (now + timedelta(hours=8)).date(), 3 if number >= DAYS // 2 else 1,
            )
            for line in range(8)
        ]  # fmt: skip
        for one in today:
            if dice.random() < 0.4:
                parts = (one.fen,) if dice.random() < 0.3 else (one.fen // 3, one.fen // 4)
                one.back = [(f"back-{one.number}-{place}", fen) for place, fen in enumerate(parts)]
        sent = reports(today, now)
        sent += dice.choices(sent, k=5)
        dice.shuffle(sent)
        for decision in await asyncio.gather(*(ledger.engine.run(one) for one in sent)):
            assert decision.outcome.code in ("event_recorded", "order_refunded")
        orders += today
        ledger.clock.advance(DAY_S)
    await check(ledger, orders, settled=False)
    ledger.clock.advance(PENDING * DAY_S)
    for member in members:
        await ledger.run(Book, member)
    await check(ledger, orders, settled=True)
    for one in orders:
        assert (await ledger.engine.run(reports([one], ledger.clock.now())[0])).replayed
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def check(ledger: Ledger, orders: list[Order], *, settled: bool) -> None:
    """The accounts hold what the shop's own book says: in all, and what has opened."""
    due: dict[int, int] = defaultdict(int)
    for one in orders:
        due[one.member] += one.points
    rows = await ledger.pool.fetch("SELECT member_id, available, pending, growth, debt FROM account")
    for row in rows:
        assert row["available"] + row["pending"] == due[row["member_id"]] == row["growth"]
        assert row["debt"] == 0
        assert not (settled and row["pending"])
