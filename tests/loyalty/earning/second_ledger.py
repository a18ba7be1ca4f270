"""Purchases, refunds and packs in the second ledger: 1 point a yuan after three days, the first order twice, refunds with debt.

A pack doubles later orders until it brought its points; it brings nothing more to the first one.
"""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from loyalty.earning.commands import RecordEvent, RecordRefund
from loyalty.earning.outcomes import (
    EventRecorded,
    OrderRecorded,
    OrderRefunded,
    RefundTooLarge,
)
from loyalty.earning.packs.commands import TakePack
from loyalty.earning.packs.outcomes import PackInUse, PackLimitReached, PackTaken, UnknownPack
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AlreadyDone, NotEnoughPoints
from loyalty.shown.outcomes import PriceChanged
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Rows, Situation
from tests.simulation.prediction import Prediction, Scene
from tests.simulation.second_ledger import Member, Sheet

PENDING: Final = timedelta(days=3)


PACK: Final = "pack:fast"


@dataclass
class Order:
    """An order: fen paid and paid back, its factor, and the days on which its points open and are gone.

    `most`: the most that a pack adds to it; None where the factor is none of a pack.
    """

    paid: int
    factor: int
    opens: date
    gone: date
    refunded: int = 0
    most: int | None = None

    def worth(self, refunded: int) -> int:
        """The points due while so much is paid back."""
        points = (self.paid - refunded) * self.factor // 100
        return points if self.most is None else points // 2 + min(self.most, points - points // 2)


@dataclass
class Packs:
    """The points that packs may still bring, by the day on which each works no more, and how many were taken, by year."""

    left: dict[date, int] = field(default_factory=dict)
    taken: dict[int, int] = field(default_factory=dict)

    def on(self, day: date, days: int) -> int:
        """The points that packs may still bring on a day."""
        return sum(left for until, left in self.left.items() if day < until <= day + timedelta(days=days))

    def use(self, day: date, days: int, points: int) -> None:
        """Take points from the packs that work on a day, the ones that end first before others."""
        for until in sorted(self.left):
            if day < until <= day + timedelta(days=days):
                used = min(points, self.left[until])
                self.left[until] -= used
                points -= used


@dataclass
class Orders:
    """A member's orders by number, the ids of events, and refunds that wait, in their order, as (order, fen)."""

    orders: dict[str, Order] = field(default_factory=dict)
    events: set[str] = field(default_factory=set)
    waiting: list[tuple[str, int]] = field(default_factory=list)


def _live(orders: Orders) -> int:
    return sum(one.refunded < one.paid for one in orders.orders.values())


def _buy(member: Member, command: RecordEvent, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    mine, number = member.of(Orders), str(command.order)
    if command.event in mine.events:
        return AlreadyDone("order", f":{number}")
    if number in mine.orders:
        return OrderRecorded(number)
    paid, first = command.amount_fen or 0, _live(mine) == 0
    gone, opens = scene.lapse_day, scene.day + PENDING
    order = Order(paid, 2 if first else 1, opens, gone)
    pack, added, cut = scene.version.rules.packs[0], 0, False
    if not first and (left := member.of(Packs).on(scene.day, pack.days)):
        order = Order(paid, 2, opens, gone, most=left)
        added = order.worth(0) - paid * 2 // 100 // 2
        cut = added < paid * 2 // 100 - paid * 2 // 100 // 2
    points, reversed_ = order.worth(0), 0
    if points:
        sheet.promise(points, "event", gone, opens)
    pending = points if opens > scene.today else 0
    for named, fen in mine.waiting:
        if named == number and fen <= order.paid - order.refunded:
            back = sheet.reverse(
                order.worth(order.refunded) - order.worth(order.refunded + fen), gone, opens, "refund"
            )
            sheet.growth -= back.points
            pending -= back.pending
            reversed_ += back.points
            order.refunded += fen

    def learn(one: Member) -> None:
        kept = one.of(Orders)
        kept.orders[number] = replace(order)
        one.of(Packs).use(scene.day, pack.days, added)
        kept.events.add(command.event)
        kept.waiting = [refund for refund in kept.waiting if refund[0] != number]

    made.learn.append(learn)
    rules = (("first", "spend") if first else (PACK, "spend") if added else ("spend",)) if points else ()
    return EventRecorded(
        "purchase", command.event, number, None, points, pending, points, reversed_, ((PACK, "limit"),) if cut else (),
        rules, sheet.spendable,
    )  # fmt: skip


def _take(member: Member, command: TakePack, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    pack, mine, year = scene.version.rules.packs[0], member.of(Packs), scene.day.year
    if command.pack != pack.id:
        return UnknownPack()
    if left := mine.on(scene.day, pack.days):
        return PackInUse(pack.name, left)
    if mine.taken.get(year, 0) >= pack.per_year:
        return PackLimitReached(pack.name, pack.per_year)
    if command.price_points not in (None, pack.price_points):
        return PriceChanged(pack.price_points, pack.name)
    if pack.price_points > sheet.spendable:
        return NotEnoughPoints(pack.price_points, sheet.spendable)
    sheet.spend(pack.price_points, "pack")
    until = scene.day + timedelta(days=pack.days)

    def learn(one: Member) -> None:
        packs = one.of(Packs)
        packs.left[until] = packs.left.get(until, 0) + pack.points
        packs.taken[year] = packs.taken.get(year, 0) + 1

    made.learn.append(learn)
    return PackTaken(pack.id, pack.name, until, pack.points, pack.price_points, sheet.spendable)


def _refund(member: Member, command: RecordRefund, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    mine, named, fen = member.of(Orders), command.refund_of, command.amount_fen
    if command.event in mine.events:
        return AlreadyDone("refund", f"{command.source}|{command.event}")
    order = mine.orders.get(named)
    if order is None:

        def wait(one: Member) -> None:
            one.of(Orders).waiting.append((named, fen))
            one.of(Orders).events.add(command.event)

        made.learn.append(wait)
        return OrderRefunded(named, True, None, None, None, 0, 0, 0, 0, False, sheet.spendable)
    left = order.paid - order.refunded
    if fen > left:
        return RefundTooLarge(left)
    lost = order.worth(order.refunded) - order.worth(order.refunded + fen)
    back = sheet.reverse(lost, order.gone, order.opens, "refund")
    sheet.growth -= lost

    def learn(one: Member) -> None:
        one.of(Orders).orders[named].refunded += fen
        one.of(Orders).events.add(command.event)

    made.learn.append(learn)
    return OrderRefunded(
        named, False, named, None, "purchase", back.points, lost, back.debt, 0, fen == left, sheet.spendable
    )


def _ask_to_buy(now: Situation) -> RecordEvent:
    number = f"{now.member.member_id}-{now.dice.randrange(25)}"
    event = f"buy {number} {now.dice.choice('ab')}"
    fen = now.dice.choice((1, 99, 100, 888, 8880, 2500))
    return RecordEvent(
        **now.common, source="till", event=event, kind="purchase", order=number, amount_fen=fen
    )


def _ask_for_pack(now: Situation) -> TakePack:
    pack, price = now.dice.choice((("fast", 4), ("fast", None), ("fast", 3), ("slow", 4)))
    return TakePack(**now.common, pack=pack, price_points=price)


def _ask_to_refund(now: Situation) -> RecordRefund:
    number = f"{now.member.member_id}-{now.dice.randrange(25)}"
    event = f"back {number} {now.dice.choice('abc')}"
    fen = now.dice.choice((1, 50, 100, 444, 8880, 2500))
    return RecordRefund(**now.common, source="till", event=event, refund_of=number, amount_fen=fen)


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            RecordEvent,
            _buy,
            fact=lambda command, day: ("order", f":{command.order}"),
            chosen=lambda command: (command.event, command.order, command.amount_fen),
            otherwise=lambda earlier: replace(earlier, amount_fen=(earlier.amount_fen or 0) + 1),
            explains_repeats=True,
        ),
        Expected(
            RecordRefund,
            _refund,
            fact=lambda command, day: ("refund", f"till|{command.event}"),
            chosen=lambda command: (command.event, command.refund_of, command.amount_fen),
            otherwise=lambda earlier: replace(earlier, amount_fen=earlier.amount_fen + 1),
            explains_repeats=True,
            statuses=("open", "limited", "frozen"),
        ),
        Expected(
            TakePack,
            _take,
            fact=lambda command, _: ("pack", command.request_key),
            chosen=lambda command: (command.pack, command.price_points),
            otherwise=lambda earlier: replace(earlier, price_points=(earlier.price_points or 0) + 1),
        ),
    ),
    asks=(
        AskKind("buy", RecordEvent, _ask_to_buy, share=10),
        AskKind("refund", RecordRefund, _ask_to_refund, share=8),
        AskKind("pack", TakePack, _ask_for_pack, share=3),
    ),
    rows=(
        Rows(
            "orders",
            "SELECT member_id, order_no, amount_fen, refunded_fen FROM purchase",
            lambda member: [
                (number, order.paid, order.refunded) for number, order in member.of(Orders).orders.items()
            ],
        ),
    ),
)
