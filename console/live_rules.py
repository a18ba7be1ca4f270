"""The rules in force, as pages read them."""

from collections.abc import Mapping

from console.page import Visit
from loyalty.programme.in_force.live import NoRulesPublished
from loyalty.programme.rules import RuleSet


async def rules_now(visit: Visit) -> RuleSet | None:
    """The rules in force; None before any were published."""
    try:
        return (await visit.resources.directory.rules(visit.desk.now())).rules
    except NoRulesPublished:
        return None


def store_names(rules: RuleSet | None) -> Mapping[str, str]:
    """The names of stores by id; empty without rules."""
    return {store.id: store.name for store in rules.stores} if rules else {}


def tier_names(rules: RuleSet | None) -> Mapping[str, str]:
    """The names of tiers by id; empty without rules."""
    return {tier.id: tier.name for tier in rules.tiers} if rules else {}
