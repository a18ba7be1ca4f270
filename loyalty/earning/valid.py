"""Whether an event is one that the rules know, and whose its ids are."""

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from loyalty.earning.commands import RecordEvent
from loyalty.earning.outcomes import (
    EventIdReused,
    EventMalformed,
    EventTooOld,
    OrderNotPaid,
    OrderOfAnother,
    OrderRecorded,
    UnknownEvent,
    UnknownStore,
)
from loyalty.earning.plan import Plan
from loyalty.earning.reads import Claims
from loyalty.earning.rules.rule import EventType
from loyalty.engine.outcomes import Refusal
from loyalty.engine.refusals import AlreadyDone

DAYS_BACK: Final = 400
"""Events are recorded up to so many days after they happened."""
TYPES: Final[Mapping[str, type]] = {"integer": int, "text": str, "boolean": bool}


def objection(command: RecordEvent, plan: Plan, day: date, today: date) -> Refusal | None:
    """What is wrong with the event under these rules, if anything; `day` is its business day."""
    if (today - day).days > DAYS_BACK:
        return EventTooOld(DAYS_BACK)
    if command.kind not in plan.kinds:
        return UnknownEvent(command.kind)
    if command.store is not None and command.store not in plan.stores:
        return UnknownStore(command.store)
    return _shape(command, plan.kinds[command.kind].type)


def _shape(command: RecordEvent, kind: EventType) -> Refusal | None:
    for item, needed, value in (
        ("amount_fen", kind.amount, command.amount_fen),
        ("order", kind.order, command.order),
    ):
        if needed in ("required", "own") and value is None:
            return EventMalformed(item, "missing")
        if needed == "none" and value is not None:
            return EventMalformed(item, "unwanted")
    for name, value in attributes_of(command).items():
        if name not in kind.attributes:
            return EventMalformed(name, "unwanted")
        if type(value) is not TYPES[kind.attributes[name].type]:
            return EventMalformed(name, "type")
        if value == "" or (isinstance(value, str) and not value.strip()):
            return EventMalformed(name, "empty")
    for name in kind.attributes.keys() - attributes_of(command).keys():
        return EventMalformed(name, "missing")
    return None


def attributes_of(command: RecordEvent) -> Mapping[str, Any]:
    """The event's attributes."""
    return _attributes(command.attributes)


@lru_cache(maxsize=1_024)
def _attributes(text: str) -> Mapping[str, Any]:
    """Limits, conditions and the shape of an event all ask for them, and most events have none."""
    return MappingProxyType(json.loads(text))


def claimed(command: RecordEvent, plan: Plan, claims: Claims, scope: str, ref: str) -> Refusal | None:
    """Why the ids of the event cannot be used again, if they cannot.

    An order that was reported without a store and comes again from one, or the other way round, is the same order: it was bought
    online and is collected at the store.
    """
    member_id = command.member_id
    if claims.event_of is not None:
        return AlreadyDone(scope, ref) if claims.event_of == member_id else EventIdReused()
    if command.order is None:
        return None
    owners = owners_of(claims, command.store)
    if not command.is_purchase:
        owned = plan.kinds[command.kind].type.order != "own" or member_id in owners
        return None if owned else OrderNotPaid(command.order)
    if not owners:
        return None
    return OrderRecorded(command.order) if member_id in owners else OrderOfAnother(command.order)


def owners_of(claims: Claims, store: str | None) -> set[int]:
    """Who may have the order, by its number: in this store or without one; in any store if none is named."""
    return {owner for at, owner in claims.orders.items() if store is None or at in ("", store)}
