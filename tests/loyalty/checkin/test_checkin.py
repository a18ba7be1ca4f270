"""Signing in: the ladder, the streak, and that nobody ever gains by staying away."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn, DayPassed
from loyalty.checkin.rows import CHECK_INS, LAST_CHECK_IN, CheckInRow
from loyalty.checkin.rule import CheckInRule, LadderStep
from loyalty.ledger.wallet import Wallet
from tests.ledger import rules_with
from tests.loyalty.purse import MEMBER, TODAY, decided, noon, story, wallet_of

RULES = rules_with()
DEMO = RULES.check_in
YESTERDAY = TODAY - timedelta(days=1)


def sign_in(last: CheckInRow | None) -> tuple[object, Wallet]:
    wallet = wallet_of()
    command = CheckIn(member_id=MEMBER, request_key="k", at=noon(TODAY))
    return decided(command, wallet, RULES, {LAST_CHECK_IN: last}), wallet


LADDER = [
    (None, 1, 10, 0, (20, 2)),
    (1, 2, 10, 0, (20, 1)),
    (2, 3, 30, 20, (50, 4)),
    (3, 4, 10, 0, (50, 3)),
    (6, 7, 60, 50, (20, 3)),
    (7, 8, 10, 0, (20, 2)),
    (9, 10, 30, 20, (50, 4)),
    (13, 14, 60, 50, (20, 3)),
    (699, 700, 60, 50, (20, 3)),
]


@pytest.mark.parametrize(("before", "streak", "points", "bonus", "following"), LADDER)
def test_the_ladder(
    before: int | None, streak: int, points: int, bonus: int, following: tuple[int, int]
) -> None:
    last = None if before is None else CheckInRow(YESTERDAY, before, 10)
    outcome, wallet = sign_in(last)
    assert outcome == CheckedIn(TODAY, streak, points, bonus, points, *following)
    assert story(wallet.writes.entries) == [
        ("issued", "available", part) for part in (points - bonus, bonus) if part
    ]
    assert wallet.writes.rows[CHECK_INS] == [CheckInRow(TODAY, streak, points)]


DAYS_AGO = [(1, 6), (2, 1), (3, 1), (400, 1)]


@pytest.mark.parametrize(("days_ago", "streak"), DAYS_AGO)
def test_a_missed_day_starts_again(days_ago: int, streak: int) -> None:
    outcome, _ = sign_in(CheckInRow(TODAY - timedelta(days=days_ago), 5, 10))
    assert isinstance(outcome, CheckedIn)
    assert outcome.streak == streak


def test_the_day_that_stands_and_the_day_that_has_passed() -> None:
    same, _ = sign_in(CheckInRow(TODAY, 3, 30))
    assert same == AlreadyCheckedIn(TODAY, 3, 30, 0, 50, 4)
    later, _ = sign_in(CheckInRow(TODAY + timedelta(days=1), 3, 30))
    assert later == DayPassed(TODAY)


def earned(rule: CheckInRule, attendance: tuple[bool, ...]) -> int:
    """Points of somebody who comes on these days."""
    total = streak = 0
    for present in attendance:
        streak = streak + 1 if present else 0
        total += rule.award(streak)[0] if present else 0
    return total


def test_skipping_never_pays_in_any_fortnight() -> None:
    """All 16,384 ways to attend fourteen days, at every horizon: coming every day earns most."""
    for attendance in product((True, False), repeat=14):
        assert earned(DEMO, attendance) <= earned(DEMO, (True,) * 14)


@settings(max_examples=200)
@given(
    points=st.integers(1, 50),
    cycle=st.integers(1, 7),
    bonuses=st.dictionaries(st.integers(1, 7), st.integers(0, 60), max_size=4),
    attendance=st.lists(st.booleans(), min_size=1, max_size=28),
    best=st.data(),
)
def test_whatever_ladder_is_accepted_is_fair(
    points: int, cycle: int, bonuses: dict[int, int], attendance: list[bool], best: st.DataObject
) -> None:
    steps = tuple(
        LadderStep(streak=day, bonus=bonus) for day, bonus in sorted(bonuses.items()) if day <= cycle
    )
    try:
        rule = CheckInRule(points=points, cycle_days=cycle, ladder=steps)
    except ValidationError:
        assume(False)  # Hypothesis's own way to pass over an example
    first = best.draw(st.integers(0, 6))
    kept = (True,) * (first + len(attendance))
    assert earned(rule, (True,) * first + tuple(attendance)) <= earned(rule, kept)


@settings(max_examples=200)
@given(points=st.integers(1, 30), bonuses=st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_a_ladder_is_refused_exactly_when_some_absence_pays(points: int, bonuses: list[int]) -> None:
    """Checked against all patterns of three rounds of the cycle, the first of them attended."""
    cycle = len(bonuses)
    unchecked = CheckInRule.model_construct(
        points=points, cycle_days=cycle,
        ladder=tuple(LadderStep(streak=day, bonus=bonus) for day, bonus in enumerate(bonuses, 1)),
    )  # fmt: skip
    pays = False
    for first in range(cycle):
        for horizon in range(1, 2 * cycle + 1):
            full = earned(unchecked, (True,) * (first + horizon))
            one_skipped = earned(unchecked, (True,) * first + (False,) + (True,) * (horizon - 1))
            pays = pays or one_skipped > full
    if pays:
        with pytest.raises(ValidationError, match="漏签一天反而拿得更多"):
            CheckInRule(points=points, cycle_days=cycle, ladder=unchecked.ladder)
    else:
        assert CheckInRule(points=points, cycle_days=cycle, ladder=unchecked.ladder) == unchecked


@pytest.mark.parametrize(
    ("cycle", "steps", "fault"),
    [
        (7, [(1, 100)], "漏签一天反而拿得更多"),
        (7, [(2, 1000), (7, 10)], "漏签一天反而拿得更多"),
        (7, [(3, 20), (2, 20)], "天数要从小到大写"),
        (7, [(3, 20), (3, 20)], "天数要从小到大写"),
        (7, [(8, 20)], "一轮只有 7 天"),
        (1, [(1, 100)], None),
        (7, [(7, 1000)], None),
    ],
)
def test_ladders(cycle: int, steps: list[tuple[int, int]], fault: str | None) -> None:
    ladder = tuple(LadderStep(streak=day, bonus=bonus) for day, bonus in steps)
    if fault is None:
        assert CheckInRule(points=10, cycle_days=cycle, ladder=ladder).ladder == ladder
    else:
        with pytest.raises(ValidationError, match=fault):
            CheckInRule(points=10, cycle_days=cycle, ladder=ladder)
