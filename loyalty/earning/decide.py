"""Recording an event: the rules that apply, what they award within limits and budgets, and refunds that waited for the order."""

import json
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from loyalty.earning.chain import Chain, chain
from loyalty.earning.commands import RecordEvent
from loyalty.earning.facts import COMMUNITY, Facts
from loyalty.earning.limits import (
    BUDGET,
    LIMIT,
    Subject,
    Why,
    budgets_of,
    count,
    limit_meters,
    room,
)
from loyalty.earning.meters import (
    ORDERS,
    REWARDED,
    day_meters,
    events_of,
    month_meters,
    months_in_a_row,
    order_days,
    order_meters,
)
from loyalty.earning.outcomes import EventRecorded
from loyalty.earning.packs.decide import points_left, use_up, working
from loyalty.earning.packs.meters import name_of, working_on
from loyalty.earning.person import PERSON
from loyalty.earning.plan import Kind, Plan, plan_of
from loyalty.earning.positions import take_position
from loyalty.earning.reads import CLAIMS, WAITING
from loyalty.earning.refunds import TakenBack
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
from loyalty.earning.rule import EarningRule
from loyalty.earning.terms import as_json
from loyalty.earning.valid import attributes_of, claimed, objection
from loyalty.earning.waiting import apply_waiting
from loyalty.engine.outcomes import Outcome
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey
from loyalty.programme.rules import RuleSet
from loyalty.tiers.rows import member_tier

Withheld = list[tuple[str, Why]]


def meters_of(command: RecordEvent, rules: RuleSet, day: date) -> Sequence[MeterKey]:
    """The meters that an event reads or counts in."""
    kind = plan_of(rules).kinds.get(command.kind)
    if kind is None:
        return ()
    subject = subject_of(command)
    keys = [key for rule in kind.rules for key in limit_meters(rule, day, subject)]
    keys += [key for pack in kind.packs for key in working_on(pack, day)]
    keys.append(events_of(command.kind))
    if command.is_purchase:
        meters = order_meters(day)
        keys += [*meters.orders, *meters.spent, *day_meters(day, kind.days_back)]
        keys += month_meters(day) if kind.months_back else []
        keys += [REWARDED] if kind.by_position else []
    return list(dict.fromkeys(keys))


def pools_of(command: RecordEvent, rules: RuleSet, day: date) -> dict[str, int | None]:
    """The pools of the budgets of all rules for this kind of event."""
    kind = plan_of(rules).kinds.get(command.kind)
    return {
        name: size for rule in (kind.rules if kind else ()) for name, size in budgets_of(rule, day).items()
    }


def subject_of(command: RecordEvent) -> Subject:
    """What limits count apart."""
    order = f"{command.store or ''}:{command.order}" if command.order else ""
    return Subject(order, attributes_of(command))


def decide_event(wallet: Wallet, command: RecordEvent, scene: Scene[RuleSet]) -> Outcome:
    """Record the event and grant what it earns."""
    plan = plan_of(scene.rule)
    if refusal := objection(command, plan, scene.day, wallet.today):
        return refusal
    if refusal := claimed(command, plan, scene.recall(CLAIMS), wallet.scope, wallet.ref):
        return refusal
    kind = plan.kinds[command.kind]
    facts = _facts(wallet, command, scene, kind, plan)
    packs = tuple(working(wallet, kind.packs, scene.day))
    made = chain(kind.rules, facts, scene.rule.stacking, scene.lapse_day, packs)
    made, withheld = _within_limits(wallet, made, kind, command, scene)
    due, points = made.due, sum(made.due.points)
    detail = _detail(command, plan, made, withheld)
    for group, granted in zip(made.terms.groups, due.points, strict=True):
        if granted:
            wallet.promise(granted, "event", detail, group.expires_on, group.opens_on)
    wallet.grow(due.growth - points, "event")
    _write_event(wallet, command, scene, points)
    _write_awards(wallet, made, kind, command, scene.day)
    taken = _record_order(wallet, command, scene, made, points) if command.is_purchase else []
    pending = sum(
        granted
        for group, granted in zip(made.terms.groups, due.points, strict=True)
        if group.opens_on > wallet.today
    )
    return EventRecorded(
        kind=command.kind,
        event=command.event,
        order=command.order,
        store=command.store,
        points=points,
        pending=pending - sum(one.reversal.pending for one in taken),
        growth=due.growth,
        reversed=sum(one.reversal.points for one in taken),
        withheld=tuple(withheld),
        rules=tuple(rule_id for rule_id in made.ids if made.points(rule_id)),
        balance=wallet.available,
    )


def _facts(wallet: Wallet, command: RecordEvent, scene: Scene[RuleSet], kind: Kind, plan: Plan) -> Facts:
    person, store = scene.recall(PERSON), plan.stores.get(command.store or "")
    is_order, attributes = command.is_purchase, attributes_of(command)
    community = attributes.get(COMMUNITY)
    days = day_meters(scene.day, kind.days_back) if is_order else []
    return Facts(
        kind=command.kind,
        at=scene.at.astimezone(scene.live.zone),
        day=scene.day,
        amount_fen=command.amount_fen,
        order=command.order,
        store=command.store,
        region=store.region if store else None,
        channel=command.channel,
        attributes=attributes,
        tier=member_tier(wallet, scene).id,
        joined_on=scene.live.day(person.joined_at) if person.joined_at else date.max,
        birthday=person.birthday,
        order_number=wallet.meter(MeterKey(ORDERS)) + 1 if is_order else 0,
        rewarded=wallet.meter(REWARDED) if is_order and kind.by_position else 0,
        order_days=tuple(order_days(wallet, days)),
        months_in_a_row=months_in_a_row(wallet, scene.day) if is_order and kind.months_back else 0,
        first_of_kind=not wallet.meter(events_of(command.kind)),
        segments=frozenset(person.segments),
        community=community if isinstance(community, str) else None,
        consents=frozenset(person.consents),
    )


def _within_limits(
    wallet: Wallet, made: Chain, kind: Kind, command: RecordEvent, scene: Scene[RuleSet]
) -> tuple[Chain, Withheld]:
    """The chain with what limits cut and budgets no longer pay, and which rules that concerns."""
    withheld: Withheld = []
    if not kind.limited:
        return made, withheld
    subject, seen = subject_of(command), set[str]()
    while (rule_id := next((one for one in made.ids if one not in seen), None)) is not None:
        seen.add(rule_id)
        wanted = made.points(rule_id)
        limit, budgets = _room(wallet, rule_id, made, kind, scene.day, subject)
        given = wanted if limit is None else min(wanted, limit)
        if given < wanted:
            withheld.append((rule_id, LIMIT))
        if given and any(scene.pools.short_of(name, given, wallet.writes) is not None for name in budgets):
            withheld.append((rule_id, BUDGET))
            given = 0
        if given < wanted:
            made = _less(made, rule_id, given)
    for rule, points in _awarded(made, kind):
        for name in budgets_of(rule, scene.day):
            wallet.writes.pools[name] += points
    return made, withheld


def _room(
    wallet: Wallet, rule_id: str, made: Chain, kind: Kind, day: date, subject: Subject
) -> tuple[int | None, Collection[str]]:
    """The points that the limits of a rule or a pack leave for the member, None for any number, and the budgets that pay."""
    rule = kind.by_name.get(rule_id)
    if rule is not None:
        return room(wallet, rule, made.facts.tier, day, subject), budgets_of(rule, day)
    pack = next(pack for pack in kind.packs if name_of(pack.id) == rule_id)
    return points_left(wallet, pack, day), ()


def _awarded(made: Chain, kind: Kind) -> list[tuple[EarningRule, int]]:
    """The rules that bring points, in file order, each with its points; packs are none of them."""
    ids = {*made.ids}
    return [(rule, points) for rule in kind.rules if rule.id in ids and (points := made.points(rule.id))]


def _less(made: Chain, rule_id: str, given: int) -> Chain:
    """The chain in which a rule brings no more than this; without it, where another factor brings more than what is left of it."""
    without = made.without(rule_id)
    if not given:
        return without
    capped = made.capped(rule_id, given)
    return max(capped, without, key=lambda one: sum(one.due.points))


def _detail(command: RecordEvent, plan: Plan, made: Chain, withheld: Withheld) -> dict[str, Any]:
    """The facts of the entries: what happened where, under which rules, with which factors, and what was cut."""
    kind = plan.kinds[command.kind]
    detail: dict[str, Any] = {"kind": command.kind, "what": kind.type.name}
    detail["rules"] = [[rule.id, rule.name, *_award(rule)] for rule in made.bases]
    if made.factors:
        detail["factors"] = [[one.id, _name(one.id, kind), str(one.factor)] for one in made.factors]
    if withheld:
        detail["withheld"] = [[rule_id, _name(rule_id, kind), why] for rule_id, why in withheld]
    store = plan.stores.get(command.store or "")
    if store is not None:
        detail |= {"store": store.id, "store_name": store.name}
        detail |= {"region": store.region} if store.region else {}
    given = {"channel": command.channel, "order": command.order, "amount_fen": command.amount_fen}
    return detail | {name: value for name, value in given.items() if value is not None}


def _name(rule_id: str, kind: Kind) -> str:
    """The name of a rule or a pack."""
    if rule_id in kind.by_name:
        return kind.by_name[rule_id].name
    return next((pack.name for pack in kind.packs if name_of(pack.id) == rule_id), rule_id)


def _award(rule: Any) -> list[int | None]:
    return [rule.award.points, rule.award.per_fen]


def _write_event(wallet: Wallet, command: RecordEvent, scene: Scene[RuleSet], points: int) -> None:
    wallet.writes.add(
        EVENTS,
        EventRow(
            command.source, command.event, command.kind, scene.day, command.store, command.channel, command.order,
            command.amount_fen, points, scene.at,
        ),
    )  # fmt: skip
    wallet.writes.add(EVENT_KEYS, EventKeyRow(command.event, command.source))
    wallet.count(events_of(command.kind))


def _write_awards(wallet: Wallet, made: Chain, kind: Kind, command: RecordEvent, day: date) -> None:
    subject = subject_of(command)
    for rule, points in _awarded(made, kind):
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


def _record_order(
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
