"""The clock held against the database's: what it bears, what it refuses, and which offsets are none of its business."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from base.checked_clock import CheckedClock, Comparison
from base.clock import ClockOff, MovableClock, OffsetClock
from tests.clocks import SkewedClock

S = timedelta(seconds=1)
DAY = timedelta(days=1)
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

SKEWS = [
    (0, 0, 0),
    (3, 0, 3),
    (-3, 0, -3),
    (
        3,
        5,
        3,
    ),  # ahead of an answer that took five seconds: the database read its clock after we had read ours
    (-3, 5, 0),  # behind by less than the answer took: the clock may be right
    (-8, 5, -3),
]


@pytest.mark.parametrize(("ahead_s", "took_s", "skew_s"), SKEWS)
def test_the_time_of_an_answer_is_no_difference(ahead_s: int, took_s: int, skew_s: int) -> None:
    compared = Comparison(NOON, sent_s=100.0, received_s=100.0 + took_s)
    assert compared.skew(NOON + ahead_s * S, 100.0) == skew_s * S


def test_a_comparison_is_carried_on_by_the_monotonic_clock() -> None:
    compared = Comparison(NOON, sent_s=100.0, received_s=100.0)
    assert compared.skew(NOON + 60 * S, 160.0) == 0 * S
    assert compared.skew(NOON + DAY, 160.0) == DAY - 60 * S


@pytest.mark.parametrize(
    ("skew", "is_off"), [(29 * S, False), (31 * S, True), (-29 * S, False), (-31 * S, True)]
)
def test_beyond_the_tolerance_no_time_is_told(skew: timedelta, is_off: bool) -> None:
    clock = CheckedClock(SkewedClock(skew), 30 * S)
    clock.now()
    reading = clock.read_unchecked()
    if not is_off:
        clock.compare(reading, datetime.now(UTC))
        clock.now()
        return
    with pytest.raises(ClockOff, match="JIFEN_CLOCK_TOLERANCE_S"):
        clock.compare(reading, datetime.now(UTC))
    with pytest.raises(ClockOff):
        clock.now()


def test_a_step_is_noticed_at_once_and_forgiven_when_it_is_undone() -> None:
    machine = SkewedClock()
    clock = CheckedClock(machine, 30 * S)
    clock.compare(clock.read(), datetime.now(UTC))
    machine.skew = DAY
    with pytest.raises(ClockOff, match="快了"):
        clock.now()
    machine.skew = -DAY
    with pytest.raises(ClockOff, match="慢了"):
        clock.read()
    machine.skew = 0 * S
    clock.now()


def test_the_demos_offset_is_legitimate_but_its_machine_is_compared(tmp_path: Path) -> None:
    demo = OffsetClock(tmp_path / "clock")
    demo.advance(40 * DAY.total_seconds())
    clock = CheckedClock(demo, 30 * S)
    clock.compare(clock.read(), datetime.now(UTC))
    demo.advance(DAY.total_seconds())
    assert clock.now() - datetime.now(UTC) > 40 * DAY
    with pytest.raises(ClockOff):
        clock.compare(clock.read(), datetime.now(UTC) - DAY)


def test_a_clock_of_its_own_is_never_off() -> None:
    clock = CheckedClock(MovableClock(NOON), 30 * S)
    clock.compare(clock.read(), datetime.now(UTC))
    assert clock.now() == NOON


def test_an_answer_that_took_long_does_not_hide_a_later_step() -> None:
    machine = SkewedClock()
    clock = CheckedClock(machine, 1 * S)
    reading = clock.read_unchecked()
    clock.compare(reading._replace(read_s=monotonic() - 20), reading.now + 20 * S)
    machine.skew = 2 * S
    clock.compare(clock.read_unchecked()._replace(machine=datetime.now(UTC)), datetime.now(UTC))
    with pytest.raises(ClockOff):
        clock.now()
