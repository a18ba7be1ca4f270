"""What an event earns: the rules that apply, their awards and factors, and the limits and budgets that cut them.

A chain is made once, when the event arrives. Its `terms` are stored with the order (`terms.py`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import NamedTuple

from loyalty.earning.rules.facts import Facts
from loyalty.earning.rules.rule import EarningRule, Stacking
from loyalty.earning.terms import Due, Group, OwnGrowth, Part, Terms, cut, due_of, shares_of
from loyalty.ledger.calendar import AT_ONCE

ONE = Fraction(1)


class Multiplier(NamedTuple):
    """A factor for the awards of an event: that of a rule, or of a pack that a member uses."""

    id: str
    factor: Fraction


@dataclass(frozen=True)
class Chain:
    """The base rules and the multipliers that apply to an event, in file order."""

    bases: tuple[EarningRule, ...]
    multipliers: tuple[Multiplier, ...]
    stacking: Stacking
    facts: Facts
    lapse_day: date
    caps: tuple[tuple[str, int], ...] = ()

    @cached_property
    def factors(self) -> tuple[Multiplier, ...]:
        """The multipliers that count: the best one or all of them, each with what it multiplies in the end."""
        if self.stacking.multipliers == "best":
            best = max(self.multipliers, key=lambda one: one.factor, default=None)
            return (
                () if best is None else (Multiplier(best.id, min(best.factor, Fraction(self.stacking.cap))),)
            )
        return tuple(_capped(self.multipliers, Fraction(self.stacking.cap)))

    @property
    def factor(self) -> Fraction:
        """What the awards are multiplied by in all."""
        product = ONE
        for one in self.factors:
            product *= one.factor
        return product

    @cached_property
    def terms(self) -> Terms:
        """What the event earns for any amount, with the limits that cut it."""
        terms = _terms(self)
        for rule_id, points in self.caps:
            terms = cut(terms, self.facts.amount_fen, rule_id, points)
        return terms

    @cached_property
    def shares(self) -> tuple[int, ...]:
        """The points that each part of the terms brings now."""
        return shares_of(self.terms, self.facts.amount_fen)

    @cached_property
    def due(self) -> Due:
        """What the event earns now."""
        return due_of(self.terms, self.facts.amount_fen, self.shares)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """The rules that bring points: factors before base rules, because a base rule's limits count what factors add."""
        return (*(one.id for one in self.factors), *(rule.id for rule in self.bases))

    def points(self, rule_id: str) -> int:
        """The points that a base rule brings, factors included, or that a factor adds."""
        return self._brought.get(rule_id, 0)

    @cached_property
    def _brought(self) -> Mapping[str, int]:
        """What each rule brings: a base rule all of its parts, a factor what it adds."""
        brought: dict[str, int] = {}
        for part, share in zip(self.terms.parts, self.shares, strict=True):
            for rule_id in (part.rule, part.by):
                brought[rule_id] = brought.get(rule_id, 0) + share
        return brought

    def without(self, rule_id: str) -> "Chain":
        """The chain as if this rule did not apply; another factor may become the best one."""
        return replace(
            self,
            bases=tuple(rule for rule in self.bases if rule.id != rule_id),
            multipliers=tuple(one for one in self.multipliers if one.id != rule_id),
        )

    def capped(self, rule_id: str, points: int) -> "Chain":
        """The chain in which this rule brings at most so many points, also for any smaller amount."""
        return replace(self, caps=(*self.caps, (rule_id, points)))


def chain(
    rules: Iterable[EarningRule],
    facts: Facts,
    stacking: Stacking,
    lapse_day: date,
    packs: Sequence[Multiplier] = (),
) -> Chain:
    """The chain of an event.

    `lapse_day` is the day on which points of rules without an expiry of their own are gone; `packs` are further factors.
    """
    applying = [rule for rule in rules if rule.applies(facts)]
    bases = tuple(rule for rule in applying if rule.award is not None)
    multipliers = [Multiplier(rule.id, rule.factor) for rule in applying if rule.award is None]
    return Chain(bases, (*multipliers, *packs), stacking, facts, lapse_day)


def _capped(multipliers: Iterable[Multiplier], cap: Fraction) -> Iterator[Multiplier]:
    """All multipliers, while their product stays within the cap; the one that reaches it counts in part."""
    product = ONE
    for one in multipliers:
        factor = min(one.factor, cap / product)
        if factor > 1:
            yield Multiplier(one.id, factor)
        product *= factor


def _terms(of: Chain) -> Terms:
    groups: list[Group] = []
    parts: list[Part] = []
    growth: list[OwnGrowth] = []
    for rule in of.bases:
        group = _group(rule, of.facts, of.lapse_day)
        if group not in groups:
            groups.append(group)
        parts += _parts(rule, groups.index(group), of.factors)
        if not isinstance(rule.growth, str):
            growth.append(OwnGrowth(rule.id, rule.growth.flat, rule.growth.rate))
    return Terms(tuple(groups), tuple(parts), tuple(growth))


def _group(rule: EarningRule, facts: Facts, lapse_day: date) -> Group:
    gone = rule.expiry.lapse_day(facts.day) if rule.expiry else lapse_day
    pending = rule.pending_for(facts.tier)
    return Group(gone, facts.day + timedelta(days=pending) if pending else AT_ONCE)


def _parts(rule: EarningRule, group: int, factors: Iterable[Multiplier]) -> Iterator[Part]:
    if rule.award is None:
        return
    grows, product = rule.growth == "same", ONE
    flat, rate = _whole(rule.award.flat), rule.award.rate
    yield Part(rule.id, "", group, flat, rate, None, grows)
    for one in factors:
        added = product * (one.factor - 1)
        yield Part(rule.id, one.id, group, flat * added, rate * added, None, grows)
        product *= one.factor


@lru_cache(maxsize=1_024)
def _whole(points: int) -> Fraction:
    return Fraction(points)
