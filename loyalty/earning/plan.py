"""A rule set's earning rules, arranged once per rule set: the rules of each kind of event, and how far conditions look back."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from loyalty.earning.packs.rule import Pack
from loyalty.earning.rules.rule import EarningRule, EventType, Store
from loyalty.programme.rules import RuleSet


class Kind(NamedTuple):
    """A kind of event with its rules in file order, and the packs that multiply it.

    `by_name` has the rules by their ids. `limited`: whether a limit, a budget or a pack may cut what a rule gives.
    `days_back` and `months_back`: whether a condition counts the orders of so many days (0 for none), or months in a row.
    `by_position`: whether a rule rewards a position among a member's orders.
    """

    type: EventType
    rules: tuple[EarningRule, ...]
    packs: tuple[Pack, ...]
    days_back: int
    months_back: bool
    by_position: bool
    by_name: Mapping[str, EarningRule]
    limited: bool


class Plan(NamedTuple):
    """The kinds of events and the stores, by id."""

    kinds: dict[str, Kind]
    stores: dict[str, Store]


_plans: Final[dict[str, Plan]] = {}
MOST_PLANS: Final = 100


def plan_of(rules: RuleSet) -> Plan:
    """The plan of a rule set."""
    plan = _plans.get(rules.digest)
    if plan is None:
        if len(_plans) >= MOST_PLANS:
            _plans.clear()
        plan = _plans[rules.digest] = _plan(rules)
    return plan


def _plan(rules: RuleSet) -> Plan:
    kinds = {}
    for one in rules.events:
        own = tuple(rule for rule in rules.earning if rule.on == one.id)
        conditions = [condition for rule in own for condition in rule.when]
        numbers = [condition.order_number for condition in conditions if condition.order_number]
        packs = tuple(pack for pack in rules.packs if pack.on == one.id)
        kinds[one.id] = Kind(
            one,
            own,
            packs,
            max((number.within_days or 0 for number in numbers), default=0),
            any(condition.months_in_a_row for condition in conditions),
            any(rule.by_position for rule in own),
            {rule.id: rule for rule in own},
            bool(packs) or any(rule.limit or rule.budget for rule in own),
        )
    return Plan(kinds, {store.id: store for store in rules.stores})
