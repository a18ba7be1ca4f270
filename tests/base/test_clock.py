"""Clocks: the offset every process shares, its file, and the clocks of tests."""

import math
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.clock import Clock, ClockError, MovableClock, OffsetClock, SystemClock

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MONTH_S = 30 * 24 * 3600
TICK = timedelta(seconds=30)


def ahead(clock: Clock) -> timedelta:
    return clock.now() - datetime.now(UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "clock"


def test_the_system_clock_is_aware_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
    assert abs(ahead(SystemClock())) < TICK


def test_without_a_file_there_is_no_offset(path: Path) -> None:
    assert OffsetClock(path).now().tzinfo is UTC
    assert abs(ahead(OffsetClock(path))) < TICK


def test_advancing_moves_every_clock_on_the_file_at_once(path: Path) -> None:
    one, other = OffsetClock(path), OffsetClock(path)
    for step in range(1, 50):
        told = one.advance(MONTH_S)
        assert abs(other.now() - told) < TICK
        assert abs(ahead(other) - timedelta(seconds=step * MONTH_S)) < TICK


def test_the_offset_survives_the_process(path: Path) -> None:
    OffsetClock(path).advance(MONTH_S)
    assert abs(ahead(OffsetClock(path)) - timedelta(seconds=MONTH_S)) < TICK


def test_concurrent_processes_lose_no_step(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from base.clock import OffsetClock\n"
        "clock = OffsetClock(Path(sys.argv[1]))\n"
        "before = clock.now()\n"
        "for _ in range(100):\n"
        "    clock.advance(1000); now = clock.now(); assert now > before; before = now\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(path)]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert path.read_text() == "300000.0\n"
    assert sorted(file.name for file in path.parent.iterdir()) == ["clock", "clock.lock"]


@pytest.mark.parametrize("seconds", [-1, -0.001, math.nan, math.inf, -math.inf, 1e30, 36526 * 86400])
def test_impossible_steps_are_refused_and_nothing_moves(path: Path, seconds: float) -> None:
    clock = OffsetClock(path)
    clock.advance(60)
    with pytest.raises(ValueError):
        clock.advance(seconds)
    assert path.read_text() == "60.0\n"


@pytest.mark.parametrize(
    "content", [b"", b"12", b"12.5", b"soon\n", b"-5\n", b"nan\n", b"inf\n", b"1e300\n", b"\xff\n", b"1\n2\n"]
)
def test_a_broken_file_is_told_and_never_overwritten(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    clock = OffsetClock(path)
    with pytest.raises(ClockError, match="演示时钟文件"):
        clock.now()
    with pytest.raises(ClockError):
        clock.advance(1)
    assert path.read_bytes() == content


def test_a_movable_clock_stands_still_in_utc() -> None:
    clock = MovableClock(NOON.astimezone(timezone(timedelta(hours=8))))
    assert clock.now() == NOON
    assert clock.now().utcoffset() == timedelta(0)


@given(st.lists(st.integers(min_value=0, max_value=10**7)))
def test_a_movable_clock_adds_its_steps(steps: list[int]) -> None:
    clock = MovableClock(NOON)
    for step in steps:
        clock.advance(step)
    assert clock.now() == NOON + timedelta(seconds=sum(steps))


def test_a_movable_clock_never_goes_back() -> None:
    clock = MovableClock(NOON)
    clock.move_to(NOON + timedelta(days=1))
    for move in (lambda: clock.move_to(NOON), lambda: clock.advance(-1)):
        with pytest.raises(ValueError):
            move()
    assert clock.now() == NOON + timedelta(days=1)


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError):
        MovableClock(NOON.replace(tzinfo=None))
