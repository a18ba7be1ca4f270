"""D16: mending a day goes on with the row, and nobody ever gains by skipping, however they mend."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from loyalty.checkin.repair.streaks import Mended, Recent, SignedDay, mend, missed_days
from loyalty.checkin.rule import CheckInRule, LadderStep
from tests.ledger import rules_with

DEMO = rules_with().check_in
TODAY = date(2026, 3, 20)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def recent(*signed: tuple[int, int, int], first: int = 30) -> Recent:
    """Signed days as (days ago, streak, points), oldest first."""
    return Recent(ago(first), tuple(SignedDay(ago(days), streak, points) for days, streak, points in signed))


MISSED = [
    (recent(), [1, 2, 3, 4, 5, 6, 7]),
    (recent((1, 1, 10), (0, 2, 10)), [2, 3, 4, 5, 6, 7]),
    (recent((3, 1, 10), first=3), [1, 2]),
    (recent((0, 1, 10), first=0), []),
    (Recent(), []),
]


@pytest.mark.parametrize(("known", "expected"), MISSED)
def test_which_days_can_be_mended(known: Recent, expected: list[int]) -> None:
    assert missed_days(known, TODAY, 7) == [ago(days) for days in sorted(expected, reverse=True)]


def test_a_rule_may_look_back_less() -> None:
    assert missed_days(recent(), TODAY, 2) == [ago(2), ago(1)]


MENDED = [
    # The row before goes on, and pays what the day would have paid.
    (recent((2, 2, 10)), 1, Mended(3, ago(1), 30)),
    (recent((2, 6, 10)), 1, Mended(7, ago(1), 60)),
    (recent((3, 1, 10)), 1, Mended(1, ago(1), 10)),
    # Days that follow are part of the row.
    (recent((3, 4, 10), (1, 1, 10), (0, 2, 10)), 2, Mended(5, ago(0), 10)),
    # A bonus that was had early by starting anew is not paid again: days 4 to 6 would have paid 30, 20 is the third day's bonus.
    (recent((4, 3, 30), (2, 1, 10), (1, 2, 10), (0, 3, 30)), 3, Mended(4, ago(0), 10)),
    (recent((5, 1, 10), (3, 1, 10), (2, 2, 10), (1, 3, 30), (0, 4, 10)), 4, Mended(2, ago(0), 10)),
]


@pytest.mark.parametrize(("known", "days_ago", "expected"), MENDED)
def test_what_a_mended_day_comes_to(known: Recent, days_ago: int, expected: Mended) -> None:
    assert mend(known, ago(days_ago), DEMO) == expected


class Attendance:
    """A member in memory: each day is signed, missed, or missed and mended some days later."""

    def __init__(self, rule: CheckInRule) -> None:
        self.rule, self.days, self.total = rule, dict[date, SignedDay](), 0

    def sign(self, day: date) -> None:
        before = self.days.get(day - timedelta(days=1))
        streak = before.streak + 1 if before else 1
        self.days[day] = SignedDay(day, streak, self.rule.award(streak)[0])
        self.total += self.days[day].points

    def mend(self, day: date, today: date) -> None:
        known = Recent(
            min(self.days, default=None),
            tuple(self.days[one] for one in sorted(self.days) if one >= today - timedelta(days=8)),
        )
        if day not in missed_days(known, today, 7):
            return
        mended = mend(known, day, self.rule)
        self.total += mended.points
        after = [one for one in self.days.values() if day < one.day <= mended.through]
        self.days |= {one.day: one._replace(streak=one.streak + mended.streak) for one in after}
        self.days[day] = SignedDay(day, mended.streak, mended.points)


def earned(rule: CheckInRule, pattern: tuple[int | None, ...]) -> int:
    """Points of a member whose i-th day is signed (0), missed (None), or mended so many days later."""
    member, start = Attendance(rule), date(2026, 1, 1)
    for number in range(len(pattern) + 8):
        today = start + timedelta(days=number)
        if number < len(pattern) and pattern[number] == 0:
            member.sign(today)
        for back in range(7, 0, -1):
            if 0 <= number - back < len(pattern) and pattern[number - back] == back:
                member.mend(today - timedelta(days=back), today)
    return member.total


def test_mending_never_pays_more_than_signing_in_every_day() -> None:
    """Every way to attend fourteen days with a gap mended the next day, and every one with it mended three days later."""
    everything = earned(DEMO, (0,) * 14)
    for later in (1, 3):
        for pattern in product((0, later), repeat=14):
            assert earned(DEMO, pattern) <= everything


PATTERNS = st.lists(st.sampled_from([0, 0, 0, None, 1, 2, 3, 5, 7]), min_size=14, max_size=28).map(tuple)
LADDERS = st.lists(st.tuples(st.integers(1, 7), st.integers(0, 60)), max_size=3)


@given(PATTERNS, LADDERS, st.integers(1, 30))
@settings(max_examples=300)
def test_no_ladder_rewards_skipping_and_mending(
    pattern: tuple[int | None, ...], ladder: list[tuple[int, int]], points: int
) -> None:
    steps = tuple(LadderStep(streak=streak, bonus=bonus) for streak, bonus in sorted(dict(ladder).items()))
    try:
        rule = CheckInRule(points=points, cycle_days=7, ladder=steps)
    except ValidationError:
        assume(False)  # a ladder that pays for skipping is refused at publication
    assert earned(rule, pattern) <= earned(rule, (0,) * len(pattern))
