"""Faults of earning rules that one rule cannot see alone: the names it uses, and what its events carry."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from loyalty.earning.rules.conditions import AttributeTest, Condition
from loyalty.earning.rules.contradictions import contradictions
from loyalty.earning.rules.facts import COMMUNITY, Attribute
from loyalty.earning.rules.rule import EarningRule, EventType, Store
from loyalty.programme.declaring.faults import Fault, Where, what_there_is

TYPES = {"integer": int, "text": str, "boolean": bool}
KINDS = {"integer": "整数", "text": "文字", "boolean": "true 或 false"}


class Named(NamedTuple):
    """What rules may name: events and stores by their ids, and the ids of the tiers."""

    events: Mapping[str, EventType]
    stores: Mapping[str, Store]
    tiers: Collection[str]


def earning_faults(rules: Sequence[EarningRule], named: Named) -> Iterator[Fault]:
    """The faults of all rules, each with its place."""
    yield from contradictions(rules, named.stores)
    for place, rule in enumerate(rules):
        for fault in _of_rule(rule, named):
            yield Fault((place, *fault.where), fault.sentence)


def _of_rule(rule: EarningRule, named: Named) -> Iterator[Fault]:
    yield from _unknown(("pending_days",), _tiers_pending(rule), named.tiers, "等级")
    for place, limit in enumerate(rule.limit):
        yield from _unknown(("limit", place, "tier"), limit.tier or (), named.tiers, "等级")
    event = named.events.get(rule.on)
    if event is None:
        yield from _unknown(("on",), [rule.on], named.events, "事件")
    else:
        yield from _unlike(rule, event)
    for place, condition in enumerate(rule.when):
        yield from _of_condition(("when", place, condition.kind), condition, event, named)


def _tiers_pending(rule: EarningRule) -> list[str]:
    days = rule.pending_days
    return [tier for tier in days if tier != "default"] if isinstance(days, Mapping) else []


def _unknown(where: Where, ids: Iterable[str], known: Collection[str], what: str) -> Iterator[Fault]:
    for one in ids:
        if one not in known:
            yield Fault(where, f"没有编号为 {one} 的{what}{what_there_is(one, known)}")


def _unlike(rule: EarningRule, event: EventType) -> Iterator[Fault]:
    """Faults of a rule that asks its event for what it does not carry."""
    for key, award in (("award", rule.award), ("growth", rule.growth)):
        if award is not None and not isinstance(award, str) and award.per_fen and event.amount == "none":
            yield Fault((key, "per_fen"), f"事件 {event.id} 不带金额（amount: none），不能按金额给")
    for place, limit in enumerate(rule.limit):
        if limit.of is not None and limit.of not in event.attributes:
            sentence = f"事件 {event.id} 没有属性 {limit.of}{what_there_is(limit.of, event.attributes)}"
            yield Fault(("limit", place, "of"), sentence)
        if limit.per == "order" and event.order == "none":
            yield Fault(("limit", place, "per"), f"事件 {event.id} 不带订单号（order: none），不能按订单限制")


def _of_condition(
    where: Where, condition: Condition, event: EventType | None, named: Named
) -> Iterator[Fault]:
    yield from _unknown(where, condition.tier or (), named.tiers, "等级")
    yield from _unknown(where, condition.store or (), named.stores, "门店")
    regions = dict.fromkeys(store.region for store in named.stores.values() if store.region is not None)
    for region in condition.region or ():
        if region not in regions:
            yield Fault(where, f"没有门店属于「{region}」{what_there_is(region, regions)}")
    if event is not None:
        yield from _of_event(where, condition, event)


def _of_event(where: Where, condition: Condition, event: EventType) -> Iterator[Fault]:
    if condition.amount is not None and event.amount == "none":
        yield Fault(where, f"事件 {event.id} 不带金额（amount: none），这个条件永远不会成立")
    if condition.order_number is not None and event.order == "none":
        yield Fault(where, f"事件 {event.id} 不带订单号（order: none），这个条件永远不会成立")
    if condition.community is not None and _type_of(event, COMMUNITY) != "text":
        yield Fault(
            where,
            f"事件 {event.id} 没有属性 community，不知道来自哪个社群。请给它写上 attributes: {{community: text}}",
        )
    for name, test in (condition.attribute or {}).items():
        if name not in event.attributes:
            yield Fault(
                (*where, name), f"事件 {event.id} 没有属性 {name}{what_there_is(name, event.attributes)}"
            )
        else:
            yield from _of_test((*where, name), test, event.attributes[name].type)


def _type_of(event: EventType, attribute: str) -> str | None:
    known = event.attributes.get(attribute)
    return known.type if known else None


def _of_test(where: Where, test: AttributeTest, kind: str) -> Iterator[Fault]:
    if test.kind in ("at_least", "below") and kind != "integer":
        yield Fault((*where, test.kind), "只有整数的属性能比大小")
    if test.one_of is not None and kind == "boolean":
        yield Fault((*where, "one_of"), "这个属性是 true 或 false，请写成 equals: true 或 equals: false")
    wanted: tuple[Attribute, ...] = test.one_of or (() if test.equals is None else (test.equals,))
    if any(type(one) is not TYPES[kind] for one in wanted):
        yield Fault((*where, test.kind), f"这个属性的值是{KINDS[kind]}")
