"""The rows and meters of an event: the event itself, what each rule and pack awarded, and the order with refunds that waited."""

import json
from datetime import date
from typing import Any

from loyalty.earning.chain import Chain
from loyalty.earning.commands import RecordEvent
from loyalty.earning.limits import budgets_of, count, subject_of
from loyalty.earning.orders.meters import events_of, order_meters
from loyalty.earning.orders.positions import take_position
from loyalty.earning.orders.refunds import TakenBack
from loyalty.earning.orders.waiting import apply_waiting
from loyalty.earning.packs.decide import use_up
from loyalty.earning.packs.meters import name_of
from loyalty.earning.plan import Kind, plan_of
from loyalty.earning.reads import CLAIMS, WAITING
from loyalty.earning.rows import (
    AWARDS,
    BUDGET_USES,
    EVENT_KEYS,
    EVENTS,
    ORDER_KEYS,
    PURCHASES,
    AwardRow,
    BudgetUseRow,
    EventKeyRow,
    EventRow,
    OrderKeyRow,
    StoredPurchase,
    purchase_row,
)
from loyalty.earning.terms import as_json
from loyalty.earning.withholding import awarded
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.programme.rules import RuleSet


def write_event(wallet: Wallet, command: RecordEvent, scene: Scene[RuleSet], points: int) -> None:
    """Write the event with its points, and the keys that keep it from counting twice."""
    wallet.writes.add(
        EVENTS,
        EventRow(
            command.source, command.event, command.kind, scene.day, command.store, command.channel, command.order,
            command.amount_fen, points, scene.at,
        ),
    )  # fmt: skip
    wallet.writes.add(EVENT_KEYS, EventKeyRow(command.event, command.source))
    wallet.count(events_of(command.kind))


def write_awards(wallet: Wallet, made: Chain, kind: Kind, command: RecordEvent, day: date) -> None:
    """Write what each rule and pack awarded, and count it in limits, budgets and packs."""
    subject = subject_of(command)
    for rule, points in awarded(made, kind):
        wallet.writes.add(AWARDS, AwardRow(rule.id, day, points))
        for budget in budgets_of(rule, day):
            wallet.writes.add(BUDGET_USES, BudgetUseRow(budget, points))
        count(wallet, rule, points, day, subject)
    for pack in kind.packs:
        name = name_of(pack.id)
        points = made.points(name) if name in made.ids else 0
        if points:
            wallet.writes.add(AWARDS, AwardRow(name, day, points))
            use_up(wallet, pack, day, points)


def record_order(
    wallet: Wallet, command: RecordEvent, scene: Scene[RuleSet], made: Chain, points: int
) -> list[TakenBack]:
    """Write the order, with the refunds that arrived before it."""
    meters, kind = order_meters(scene.day), plan_of(scene.rule).kinds[command.kind]
    terms = as_json(made.terms) | _position(wallet, made, kind)
    order = StoredPurchase(
        command.store or "", command.order or "", wallet.receipt_no, command.source, command.event, command.kind, scene.day,
        command.amount_fen or 0, json.dumps(terms), points, 0, 0,
    )  # fmt: skip
    for key in meters.orders:
        wallet.count(key)
    for key in meters.spent:
        wallet.count(key, order.amount_fen)
    taken = apply_waiting(wallet, [order], scene.recall(WAITING), scene.rule.refunds.most_debt)
    order = taken[-1].purchase if taken else order
    wallet.writes.add(PURCHASES, purchase_row(order))
    wallet.writes.add(ORDER_KEYS, OrderKeyRow(order.order_no, order.store))
    if order.store and not scene.recall(CLAIMS).claimed:
        wallet.writes.add(ORDER_KEYS, OrderKeyRow(order.order_no, "", claim_only=True))
    return taken


def _position(wallet: Wallet, made: Chain, kind: Kind) -> dict[str, Any]:
    """The position among the member's orders that rules reward with this one, as its stored terms say it."""
    rewarded = any(rule.by_position and rule.id in made.ids for rule in kind.rules)
    return take_position(wallet, made.facts.order_number) if rewarded else {}
