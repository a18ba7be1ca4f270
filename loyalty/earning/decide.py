"""Recording an event: the rules that apply, and what they award within limits and budgets."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from loyalty.earning.chain import Chain, chain
from loyalty.earning.commands import RecordEvent
from loyalty.earning.limits import budgets_of, limit_meters, subject_of
from loyalty.earning.orders.meters import (
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
from loyalty.earning.packs.decide import working
from loyalty.earning.packs.meters import name_of, working_on
from loyalty.earning.person import PERSON
from loyalty.earning.plan import Kind, Plan, plan_of
from loyalty.earning.reads import CLAIMS
from loyalty.earning.recording import record_order, write_awards, write_event
from loyalty.earning.rules.facts import COMMUNITY, Facts
from loyalty.earning.valid import attributes_of, claimed, objection
from loyalty.earning.withholding import Withheld, within_limits
from loyalty.engine.outcomes import Outcome
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey
from loyalty.programme.rules import RuleSet
from loyalty.tiers.rows import member_tier


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
    made, withheld = within_limits(wallet, made, kind, subject_of(command), scene)
    due, points = made.due, sum(made.due.points)
    detail = _detail(command, plan, made, withheld)
    for group, granted in zip(made.terms.groups, due.points, strict=True):
        if granted:
            wallet.promise(granted, "event", detail, group.expires_on, group.opens_on)
    wallet.grow(due.growth - points, "event")
    write_event(wallet, command, scene, points)
    write_awards(wallet, made, kind, command, scene.day)
    taken = record_order(wallet, command, scene, made, points) if command.is_purchase else []
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
