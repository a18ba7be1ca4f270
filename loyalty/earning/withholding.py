"""What limits and budgets leave of the points that rules and packs would bring."""

from collections.abc import Collection
from datetime import date
from typing import TypeAlias

from loyalty.earning.chain import Chain
from loyalty.earning.limits import BUDGET, LIMIT, Subject, Why, budgets_of, room
from loyalty.earning.packs.decide import points_left
from loyalty.earning.packs.meters import name_of
from loyalty.earning.plan import Kind
from loyalty.earning.rules.rule import EarningRule
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.programme.rules import RuleSet

Withheld: TypeAlias = list[tuple[str, Why]]


def within_limits(
    wallet: Wallet, made: Chain, kind: Kind, subject: Subject, scene: Scene[RuleSet]
) -> tuple[Chain, Withheld]:
    """The chain with what limits cut and budgets no longer pay, and which rules that concerns."""
    withheld: Withheld = []
    if not kind.limited:
        return made, withheld
    seen = set[str]()
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
    for rule, points in awarded(made, kind):
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


def awarded(made: Chain, kind: Kind) -> list[tuple[EarningRule, int]]:
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
