"""What an event earns: awards add up, factors multiply them, one floor, limits, and what stays due after refunds."""

import json
from datetime import date
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.earning.chain import Chain, chain
from loyalty.earning.rules.rule import EarningRule, Stacking
from loyalty.earning.terms import Due, Terms, as_json, due, shares_of, terms_of
from loyalty.ledger.calendar import AT_ONCE, NEVER
from tests.loyalty.earning.facts import NOON, chain_of, factor, facts, rule

SPEND = rule()
BONUS = rule(id="bonus", name="满额送", award={"points": 50})


def test_a_yuan_is_a_point_and_the_rest_is_dropped() -> None:
    one = chain_of(SPEND)
    assert one.due == Due((88,), 88)
    assert one.terms.groups[0] == (date(2027, 4, 1), AT_ONCE)


def test_a_rule_pays_in_its_window_alone() -> None:
    """Half-open: from its first moment to the moment before its end."""
    windowed = rule(**{"from": "2026-03-04T12:00", "until": "2026-03-05T00:00"})
    for text, applies in (("12:00", True), ("23:59:59", True), ("11:59:59", False)):
        at = NOON.replace(hour=int(text[:2]), minute=int(text[3:5]), second=int(text[6:] or 0))
        assert windowed.applies(facts(at)) is applies
    assert not windowed.applies(facts(NOON.replace(day=5, hour=0)))


@pytest.mark.parametrize(
    ("rules", "stacking", "points", "factors"),
    [
        ([SPEND, factor("double", 2)], {}, 177, ["double"]),
        ([SPEND, factor("double", 2), factor("triple", 3)], {}, 266, ["triple"]),
        ([SPEND, factor("double", 2), factor("other", 2)], {}, 177, ["double"]),
        ([SPEND, factor("double", 2), factor("triple", 3)], {"multipliers": "product"}, 532, ["double", "triple"]),
        ([SPEND, factor("double", 2), factor("triple", 3)], {"multipliers": "product", "cap": 5}, 444, ["double", "triple"]),
        ([SPEND, factor("double", 2), factor("triple", 3)], {"multipliers": "product", "cap": 2}, 177, ["double"]),
        ([SPEND, factor("triple", 3)], {"cap": 2}, 177, ["triple"]),
        ([SPEND, factor("half", "1.5")], {}, 133, ["half"]),
        ([SPEND, BONUS], {}, 138, []),
        ([SPEND, BONUS, factor("half", "1.5")], {}, 208, ["half"]),
        ([factor("double", 2)], {}, 0, ["double"]),
        ([], {}, 0, []),
    ],
)  # fmt: skip
def test_awards_add_up_and_factors_multiply_them(
    rules: list[EarningRule], stacking: dict[str, Any], points: int, factors: list[str]
) -> None:
    one = chain_of(*rules, **stacking)
    assert sum(one.due.points) == points == one.due.growth
    assert [factor.id for factor in one.factors] == factors
    assert sum(one.points(each.id) for each in one.bases) == points


def test_points_of_different_lives_are_different_groups() -> None:
    gold = rule(id="gift", award={"points": 20}, pending_days={"default": 7, "gold": 0}, expiry={"days": 30})
    waiting = chain_of(SPEND, BONUS, gold).terms
    assert waiting.groups == ((date(2027, 4, 1), AT_ONCE), (date(2026, 4, 3), date(2026, 3, 11)))
    assert due(waiting, 8880) == Due((138, 20), 158)
    assert chain_of(gold, of=facts(tier="gold")).terms.groups == ((date(2026, 4, 3), AT_ONCE),)


@pytest.mark.parametrize(
    ("expiry", "day", "gone"),
    [
        ({"months": 6}, date(2026, 3, 31), date(2026, 10, 1)),
        ({"days": 1}, date(2026, 3, 31), date(2026, 4, 1)),
        ({"fixed": "12-31"}, date(2026, 12, 31), date(2027, 1, 1)),
        ({"fixed": "06-30", "grace_days": 30}, date(2026, 7, 1), date(2027, 7, 31)),
        ({"fixed": "06-30", "grace_days": 30}, date(2026, 6, 30), date(2026, 7, 31)),
        ({"never": True}, date(2026, 3, 31), date(9999, 12, 31)),
    ],
)
def test_points_last_as_their_rule_says(expiry: dict[str, Any], day: date, gone: date) -> None:
    of = rule(expiry=expiry).expiry
    assert of is not None
    assert of.lapse_day(day) == gone


def test_growth_may_differ_from_points() -> None:
    own = rule(growth={"points": 1, "per_fen": 1000})
    assert chain_of(own, factor("double", 2)).due == Due((177,), 8)
    assert chain_of(rule(growth="none"), BONUS).due == Due((138,), 50)
    assert due(chain_of(own).terms, 0) == Due((0,), 0)


def test_a_limit_cuts_a_rule_with_what_factors_add_to_it() -> None:
    one = chain_of(SPEND, BONUS, factor("double", 2)).capped("spend", 100)
    assert (one.points("spend"), one.points("bonus"), one.points("double")) == (100, 100, 62)
    assert [due(one.terms, net).points for net in (8880, 5000, 4000, 0)] == [(200,), (200,), (180,), (0,)]


def test_without_the_best_factor_the_next_one_counts() -> None:
    one = chain_of(SPEND, factor("double", 2), factor("triple", 3)).without("triple")
    assert one.due.points == (177,)
    assert one.without("spend").due.points == ()


def test_limits_cut_what_earlier_ones_have_left() -> None:
    """A factor that may bring nothing does not apply, so that the next one counts, and is cut itself."""
    one = chain_of(SPEND, factor("double", 2), factor("triple", 3))
    assert one.ids == ("triple", "spend")
    one = one.without("triple")
    assert (one.ids, one.points("double")) == (("double", "spend"), 89)
    one = one.capped("double", 60)
    assert (one.points("double"), one.points("spend")) == (60, 148)
    assert one.capped("spend", 140).due.points == (140,)


rules_of_a_purchase = st.builds(
    rule,
    id=st.sampled_from(["a", "b", "c", "d"]),
    award=st.fixed_dictionaries(
        {"points": st.integers(1, 50)}, optional={"per_fen": st.integers(1, 3000) | st.just(100)}
    ),
    pending_days=st.sampled_from([0, 7]),
    expiry=st.sampled_from([None, {"days": 30}, {"never": True}]),
    growth=st.sampled_from(["same", "none", {"points": 1, "per_fen": 700}]),
)
factors_of_a_purchase = st.builds(
    factor, st.sampled_from(["x", "y", "z"]), st.sampled_from([2, 3, "1.5", "1.25", "4/3"])
)
stackings = st.builds(Stacking, multipliers=st.sampled_from(["best", "product"]), cap=st.integers(1, 12))
chains = st.builds(
    lambda bases, factors, stacking, fen: chain([*bases, *factors], facts(amount_fen=fen), stacking, NEVER),
    st.lists(rules_of_a_purchase, max_size=4, unique_by=lambda one: one.id),
    st.lists(factors_of_a_purchase, max_size=3, unique_by=lambda one: one.id),
    stackings,
    st.integers(0, 100_000),
)


def whole(of: Chain, net_fen: int) -> Fraction:
    """The points before the floor, computed the short way."""
    awards = [one.award for one in of.bases if one.award is not None]
    return of.factor * sum((one.flat + one.rate * net_fen for one in awards), Fraction(0))


@given(chains, st.integers(0, 100_000))
def test_the_whole_is_floored_once(of: Chain, net_fen: int) -> None:
    assert sum(due(of.terms, net_fen).points) == (floor(whole(of, net_fen)) if net_fen else 0)
    assert of.factor <= of.stacking.cap or not of.factors


def brought(terms: Terms, net_fen: int, rule_id: str) -> int:
    """The points that a base rule brings, factors included."""
    shares = zip(terms.parts, shares_of(terms, net_fen), strict=True)
    return sum(share for part, share in shares if part.rule == rule_id)


@given(chains, st.lists(st.integers(0, 100_000), min_size=2, max_size=6), st.integers(0, 300))
def test_a_refund_never_grants_anything(of: Chain, nets: list[int], cap: int) -> None:
    """Neither to any group nor to any rule, also where a limit has cut."""
    for one in (of, *(of.capped(base.id, cap) for base in of.bases[:1])):
        told = [due(one.terms, net) for net in sorted(nets)]
        for less, more in pairwise(told):
            assert all(low <= high for low, high in zip(less.points, more.points, strict=True))
            assert less.growth <= more.growth
        for base in one.bases:
            of_rule = [brought(one.terms, net, base.id) for net in sorted(nets)]
            assert of_rule == sorted(of_rule)


@given(chains, st.integers(0, 300))
def test_terms_are_stored_as_json(of: Chain, cap: int) -> None:
    terms: Terms = of.capped("a", cap).terms
    assert terms_of(json.loads(json.dumps(as_json(terms)))) == terms
