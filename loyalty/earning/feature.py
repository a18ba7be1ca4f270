"""Earning by events, described to the engine."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from loyalty.earning.audit import CHECKS, TAKEN
from loyalty.earning.carry import CARRY, MOVE_PURCHASES, POINT_ORDERS
from loyalty.earning.commands import RecordEvent, RecordRefund
from loyalty.earning.decide import decide_event, meters_of, pools_of
from loyalty.earning.kept import KEPT
from loyalty.earning.orders.decide import decide_refund
from loyalty.earning.orders.meters import REWARDED
from loyalty.earning.orders.refunds import REFUND_PURCHASES
from loyalty.earning.outcomes import (
    EventIdReused,
    EventMalformed,
    EventRecorded,
    EventTooOld,
    OrderNotPaid,
    OrderOfAnother,
    OrderRecorded,
    OrderRefunded,
    RefundTooLarge,
    UnknownEvent,
    UnknownStore,
)
from loyalty.earning.person import PERSON
from loyalty.earning.reads import ALL_LOTS, CLAIMS, NAMED, WAITING
from loyalty.earning.rows import (
    AWARDS,
    BUDGET_USES,
    EVENT_KEYS,
    EVENTS,
    ORDER_KEYS,
    PURCHASES,
    REFUNDS,
    SETTLE_REFUNDS,
)
from loyalty.earning.rules.texts import rule_texts
from loyalty.earning.rules.warnings import warnings
from loyalty.earning.words import SENTENCES
from loyalty.engine.feature import Feature, Publication
from loyalty.engine.handler import STANDING, Handler
from loyalty.ledger.growth import GROWTH
from loyalty.programme.declaring.windows import over
from loyalty.programme.rules import RuleSet
from loyalty.tiers.rows import TIER


def _fixed_budgets(rules: RuleSet) -> dict[str, int]:
    return {
        f"budget:{rule.id}": rule.budget.total for rule in rules.earning if rule.budget and rule.budget.total
    }


def _budget_names(rules: RuleSet) -> dict[str, str]:
    return {f"budget:{rule.id}": f"规则「{rule.name}」的总预算" for rule in rules.earning}


def _over(rules: RuleSet, before: RuleSet | None, since: datetime) -> Iterator[str]:
    return over(rules.earning_by_id, before.earning_by_id if before else {}, since, "规则")


FEATURE: Final = Feature(
    "earning",
    handlers=(
        Handler(
            RecordEvent,
            decide_event,
            gives=EventRecorded,
            reads=(CLAIMS, PERSON, WAITING, TIER),
            rule_meters=meters_of,
            pools=pools_of,
            explains_repeats=True,
            once_per_person=True,
        ),
        Handler(
            RecordRefund,
            decide_refund,
            gives=OrderRefunded,
            reads=(CLAIMS, NAMED),
            lots=ALL_LOTS,
            meters=lambda *_: (REWARDED,),
            explains_repeats=True,
            once_per_person=True,
            statuses=STANDING,
        ),
    ),
    outcomes=(
        EventRecorded, OrderRefunded, UnknownEvent, UnknownStore, EventMalformed, EventTooOld, EventIdReused, OrderOfAnother,
        OrderRecorded, OrderNotPaid, RefundTooLarge,
    ),
    tables=(EVENTS, EVENT_KEYS, AWARDS, BUDGET_USES, PURCHASES, ORDER_KEYS, REFUNDS, GROWTH),
    updates=(REFUND_PURCHASES, SETTLE_REFUNDS, MOVE_PURCHASES, POINT_ORDERS),
    carry=CARRY,
    publication=Publication(
        pool_sizes=_fixed_budgets, pool_names=_budget_names, over=_over, warnings=warnings
    ),
    checks=CHECKS,
    taken=TAKEN,
    words=SENTENCES,
    texts=rule_texts,
    schema=Path(__file__).with_name("schema.yaml"),
    kept=KEPT,
)  # fmt: skip
