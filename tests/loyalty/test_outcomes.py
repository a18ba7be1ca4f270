"""Outcomes survive the receipt, and commands are known by what the client sent."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.checkin.commands import CheckIn
from loyalty.engine.command import Command
from loyalty.engine.outcomes import Outcome, Refusal, Result
from loyalty.engine.registry import Registry, facts_of
from loyalty.features import FEATURES
from loyalty.games.commands import Draw
from loyalty.games.outcomes import DrawnPrize
from loyalty.merging.brought import Moved, MovedLot, MovedMeter
from loyalty.missions.outcomes import MissionDone
from loyalty.referral.commands import BindReferral
from loyalty.rewards.commands import Redeem
from loyalty.wakeup import WakeUp
from tests.loyalty.purse import AT

REGISTRY = Registry(FEATURES)

CONCRETE = sorted(REGISTRY.outcomes.values(), key=lambda cls: cls.code)
STORED = {
    "not_enough_points",
    "out_of_stock",
    "draw_limit_reached",
    "odds_changed",
    "price_changed",
    "tier_required",
}

whole = st.integers(-(2**63), 2**63)
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
prizes = st.builds(DrawnPrize, whole, whole, text, text, text, text, whole, whole, st.none() | text)
done = st.builds(MissionDone, text, text, text, whole, whole, whole, st.none() | text)
moved = st.builds(
    Moved,
    st.lists(st.builds(MovedLot, st.dates(), st.dates(), whole, whole), max_size=3).map(tuple),
    whole,
    whole,
    st.lists(st.builds(MovedMeter, text, text, whole), max_size=3).map(tuple),
)
BY_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    int: whole,
    str: text,
    bool: st.booleans(),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    Moved: moved,
    int | None: st.none() | whole,
    str | None: st.none() | text,
    datetime | None: st.none() | st.datetimes(timezones=st.just(UTC)),
    tuple[str, ...]: st.lists(text, max_size=3).map(tuple),
    tuple[MissionDone, ...]: st.lists(done, max_size=3).map(tuple),
    tuple[DrawnPrize, ...]: st.lists(prizes, max_size=3).map(tuple),
    tuple[tuple[str, str], ...]: st.lists(st.tuples(text, text), max_size=3).map(tuple),
    tuple[tuple[str, int, date], ...]: st.lists(st.tuples(text, whole, st.dates()), max_size=3).map(tuple),
}


@pytest.mark.parametrize("cls", CONCRETE, ids=lambda cls: cls.code)
@settings(max_examples=20)
@given(data=st.data())
def test_every_outcome_survives_its_receipt(cls: type[Outcome], data: st.DataObject) -> None:
    given_fields = {one.name: data.draw(BY_TYPE[one.type]) for one in fields(cls)}  # type: ignore[arg-type]  # all are dataclasses
    outcome = cls(**given_fields)
    assert REGISTRY.outcome_of(cls.code, facts_of(outcome)) == outcome
    assert REGISTRY.outcome_of(cls.code, facts_of(outcome).decode()) == outcome


def ours(kind: type[Outcome]) -> set[type[Outcome]]:
    """The outcomes of a kind that the program defines; tests invent features, whose outcomes are not in its registry."""
    return {cls for cls in kind.__subclasses__() if not cls.__module__.startswith("tests.")}


def test_every_outcome_is_a_result_or_a_refusal_with_a_code_of_its_own() -> None:
    accepted, refused = ours(Result), ours(Refusal)
    assert accepted | refused == set(CONCRETE)
    assert all(issubclass(cls, Result) for cls in accepted)
    assert all(issubclass(cls, Refusal) for cls in refused)
    assert {cls.code for cls in CONCRETE if issubclass(cls, Refusal) and cls.stored} == STORED


def test_an_unknown_code_is_named() -> None:
    with pytest.raises(KeyError, match="no_such"):
        REGISTRY.outcome_of("no_such", "{}")


LATER = AT.replace(year=2027)
SAME: list[tuple[Command, Command, bool]] = [
    (CheckIn(member_id=1, request_key="a", at=AT), CheckIn(member_id=2, request_key="b", at=LATER, actor="job"), True),
    (Draw(member_id=1, request_key="a", at=AT, wheel="w"), Draw(member_id=1, request_key="a", at=AT, wheel="w"), True),
    (Draw(member_id=1, request_key="a", at=AT, wheel="w"), Draw(member_id=1, request_key="a", at=AT, wheel="v"), False),
    (Draw(member_id=1, request_key="a", at=AT, wheel="w"), Draw(member_id=1, request_key="a", at=AT, wheel="w", count=2), False),
    (
        Draw(member_id=1, request_key="a", at=AT, wheel="w"),
        Draw(member_id=1, request_key="a", at=AT, wheel="w", odds_version="2-a"),
        False,
    ),
    (Redeem(member_id=1, request_key="a", at=AT, reward="w"), Draw(member_id=1, request_key="a", at=AT, wheel="w"), False),
    (WakeUp(member_id=1, request_key="a", at=AT, silent_since=date(2026, 1, 1)),
     WakeUp(member_id=1, request_key="a", at=AT, silent_since=date(2026, 1, 2)), False),
    (BindReferral(member_id=3, request_key="a", at=AT, inviter_id=1, code="x"),
     BindReferral(member_id=3, request_key="a", at=AT, inviter_id=2, code="x"), True),
    (BindReferral(member_id=3, request_key="a", at=AT, inviter_id=1, code="x"),
     BindReferral(member_id=3, request_key="a", at=AT, inviter_id=1, code="y"), False),
    (BindReferral(member_id=3, request_key="a", at=AT, inviter_id=1),
     BindReferral(member_id=3, request_key="a", at=AT, inviter_id=2), False),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "same"), SAME)
def test_the_fingerprint_covers_what_the_client_sent(one: Command, other: Command, same: bool) -> None:
    assert (one.fingerprint == other.fingerprint) is same


def test_a_draw_without_odds_has_the_fingerprint_it_always_had() -> None:
    """Computed by the program from before draws named their odds, so that a repeat across an upgrade finds its receipt."""
    draw = Draw(member_id=1, request_key="a", at=AT, wheel="w")
    assert draw.fingerprint.hex() == "40600ac3978ba466e6e7c71036e233fdf8b53bbc89fb59befe80900ebc88f08e"
