"""What an event earns: the rules that apply, their awards and factors, and the points due for any amount that stays paid.

A chain is made once, when the event arrives. Its `terms` are stored with the order, and `due` computes from them what the order
has earned for the amount that is left after refunds. Numbers are integers and fractions only.

Every award, and what each factor adds to it, is a *part*. The sum of all parts is floored once, and then split among them so that
no part grows while the amount falls: a refund never has to grant anything. For this the whole points of flat awards stay with
their parts, and the rest is split one part after the other in proportion to the rates.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property, lru_cache
from math import floor
from typing import Any, NamedTuple, TypeAlias

from loyalty.earning.facts import Facts
from loyalty.earning.rule import EarningRule, Stacking
from loyalty.ledger.calendar import AT_ONCE

ONE = Fraction(1)


class Group(NamedTuple):
    """Points that can be spent from one day on, and are gone on another."""

    expires_on: date
    opens_on: date


class Part(NamedTuple):
    """What a base rule gives by itself (`by` empty), or what the factor `by` adds to it: flat points, and points per fen.

    `cap` is the most it gives, where a limit cut the factor; `grows` tells whether its points are growth, too.
    """

    rule: str
    by: str
    group: int
    flat: Fraction
    rate: Fraction
    cap: int | None = None
    grows: bool = True


class OwnGrowth(NamedTuple):
    """The growth of a base rule whose growth differs from its points."""

    rule: str
    flat: int
    rate: Fraction


class Terms(NamedTuple):
    """What an event earns for any amount. `caps` are the most that base rules bring, factors included, where limits cut them."""

    groups: tuple[Group, ...] = ()
    parts: tuple[Part, ...] = ()
    growth: tuple[OwnGrowth, ...] = ()
    caps: tuple[tuple[str, int], ...] = ()


class Due(NamedTuple):
    """The points per group of the terms, and the growth value."""

    points: tuple[int, ...]
    growth: int


class Multiplier(NamedTuple):
    """A factor for the awards of an event: that of a rule, or of a pack that a member uses."""

    id: str
    factor: Fraction


class Cut(NamedTuple):
    """A rule or factor that gives less than it would: `given` of `wanted` points, because of `reason`."""

    rule: str
    reason: str
    wanted: int
    given: int


Allowed: TypeAlias = Callable[[str, int], tuple[int, str]]
"""(rule id, the points it wants to bring) → how many it may bring, and the code of the limit or budget that says so."""


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
            terms = _cut(terms, self.facts.amount_fen, rule_id, points)
        return terms

    @cached_property
    def shares(self) -> tuple[int, ...]:
        """The points that each part of the terms brings now."""
        return _shares(self.terms, self.facts.amount_fen)

    @cached_property
    def due(self) -> Due:
        """What the event earns now."""
        return _due(self.terms, self.facts.amount_fen, self.shares)

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


def limited(of: Chain, allowed: Allowed) -> tuple[Chain, tuple[Cut, ...]]:
    """The chain within its limits and budgets, and what they cut. A rule that may bring nothing does not apply at all."""
    asked: set[str] = set()
    cuts: list[Cut] = []
    while (rule_id := next((one for one in of.ids if one not in asked), None)) is not None:
        asked.add(rule_id)
        wanted = of.points(rule_id)
        given, reason = allowed(rule_id, wanted)
        if given < wanted:
            cuts.append(Cut(rule_id, reason, wanted, given))
            of = of.capped(rule_id, given) if given > 0 else of.without(rule_id)
    return of, tuple(cuts)


def due(terms: Terms, net_fen: int | None) -> Due:
    """The points per group, and the growth, while `net_fen` of the amount stays paid; None for an event without an amount.

    Nothing is due for an amount of 0: flat awards fall with the order.
    """
    return _due(terms, net_fen, _shares(terms, net_fen))


def _due(terms: Terms, net_fen: int | None, shares: Sequence[int]) -> Due:
    points = [0] * len(terms.groups)
    for part, share in zip(terms.parts, shares, strict=True):
        points[part.group] += share
    growth = sum(share for part, share in zip(terms.parts, shares, strict=True) if part.grows)
    if net_fen != 0:
        growth += sum(one.flat + floor(one.rate * (net_fen or 0)) for one in terms.growth)
    return Due(tuple(points), growth)


def points_of(terms: Terms, net_fen: int | None, rule_id: str) -> int:
    """The points that a base rule brings, factors included, or that a factor adds."""
    return _points_of(terms, _shares(terms, net_fen), rule_id)


def _points_of(terms: Terms, shares: Sequence[int], rule_id: str) -> int:
    return sum(
        share for part, share in zip(terms.parts, shares, strict=True) if rule_id in (part.rule, part.by)
    )


def as_json(terms: Terms) -> dict[str, Any]:
    """The terms as a JSON value, which `terms_of` reads."""
    return {
        "groups": [[f"{group.expires_on}", f"{group.opens_on}"] for group in terms.groups],
        "parts": [
            [part.rule, part.by, part.group, str(part.flat), str(part.rate), part.cap, part.grows]
            for part in terms.parts
        ],
        "growth": [[one.rule, one.flat, str(one.rate)] for one in terms.growth],
        "caps": [list(one) for one in terms.caps],
    }


def terms_of(told: Mapping[str, Any]) -> Terms:
    """The terms that `as_json` wrote."""
    return Terms(
        tuple(Group(date.fromisoformat(gone), date.fromisoformat(opens)) for gone, opens in told["groups"]),
        tuple(
            Part(rule, by, group, Fraction(flat), Fraction(rate), cap, grows)
            for rule, by, group, flat, rate, cap, grows in told["parts"]
        ),
        tuple(OwnGrowth(rule, flat, Fraction(rate)) for rule, flat, rate in told["growth"]),
        tuple((rule, points) for rule, points in told["caps"]),
    )


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


def _cut(terms: Terms, net_fen: int | None, rule_id: str, points: int) -> Terms:
    """The terms in which a rule brings at most so many points.

    A factor may concern several groups, so each of its parts keeps what it gives now, the first ones first.
    """
    if any(part.rule == rule_id for part in terms.parts):
        caps = dict(terms.caps)
        caps[rule_id] = min(points, caps.get(rule_id, points))
        return terms._replace(caps=tuple(caps.items()))
    parts = list(terms.parts)
    for place, share in enumerate(_shares(terms, net_fen)):
        if parts[place].by == rule_id:
            kept = min(share, points)
            parts[place] = parts[place]._replace(cap=kept)
            points -= kept
    return terms._replace(parts=tuple(parts))


def _shares(terms: Terms, net_fen: int | None) -> tuple[int, ...]:
    """The points of each part. Where no limit cuts, they sum to the floor of the whole."""
    caps = dict(terms.caps)
    shares = []
    for part, whole in zip(terms.parts, _whole_shares(terms.parts, net_fen), strict=True):
        share = min(whole, part.cap if part.cap is not None else whole, caps.get(part.rule, whole))
        shares.append(share)
        if part.rule in caps:
            caps[part.rule] -= share
    return tuple(shares)


def _whole_shares(parts: Sequence[Part], net_fen: int | None) -> list[int]:
    """The points of each part without limits; none falls while the amount grows."""
    if net_fen == 0 or not parts:
        return [0] * len(parts)
    if len(parts) == 1:
        return [_floored(parts[0].flat, parts[0].rate, net_fen or 0)]
    whole = [floor(part.flat) for part in parts]
    total = sum((part.flat + part.rate * (net_fen or 0) for part in parts), Fraction(0))
    weights = [part.rate for part in parts]
    if not any(weights):
        weights = [part.flat - floor(part.flat) for part in parts]
    rests = _split(floor(total) - sum(whole), weights)
    return [one + rest for one, rest in zip(whole, rests, strict=True)]


def _floored(flat: Fraction, rate: Fraction, fen: int) -> int:
    """The floor of flat + rate × fen, without making fractions, each of which would be reduced by its greatest divisor."""
    (a, b), (c, d) = flat.as_integer_ratio(), rate.as_integer_ratio()
    return (a * d + c * b * fen) // (b * d)


def _split(points: int, weights: Sequence[Fraction]) -> list[int]:
    """The points by weight, each share floored out of what the ones before it left; the last one takes the rest."""
    left, shares = sum(weights, Fraction(0)), []
    for weight in weights:
        share = floor(points * weight / left) if left else 0
        shares.append(share)
        points, left = points - share, left - weight
    return shares
