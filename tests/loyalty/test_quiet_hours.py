"""When an unprompted notice is sent: never in quiet hours where that can be helped, spread over the day, in time."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from loyalty.programme.general.quiet_hours import QuietHours, unprompted_at
from tests.ledger import ZONE, demo_rules

DEFAULT = QuietHours()
TODAY = date(2026, 3, 10)
LONG_AGO = date(2026, 2, 1)


def clock(text: str, day: date = TODAY, zone: ZoneInfo = ZONE) -> datetime:
    """That time of the day in the programme's zone."""
    return datetime.fromisoformat(f"{day}T{text}").replace(tzinfo=zone)


def planned(
    now: datetime,
    member: int = 7,
    quiet: QuietHours | None = DEFAULT,
    seen: date = LONG_AGO,
    gone: datetime | None = None,
) -> datetime:
    return unprompted_at(quiet, member, now, ZONE, seen_on=seen, gone_at=gone)


def test_the_default_is_nine_in_the_evening_to_nine_in_the_morning() -> None:
    assert demo_rules().notices.quiet_hours == QuietHours(from_hour=21, until_hour=9) == DEFAULT


def test_what_is_written_at_midnight_is_spread_over_the_open_hours() -> None:
    instants = [planned(clock("00:00:01"), member) for member in range(1, 2_001)]
    assert min(instants) >= clock("09:00")
    assert max(instants) < clock("20:00")
    by_hour = Counter(at.hour for at in instants)
    assert len(by_hour) == 11
    assert max(by_hour.values()) < 300, "an even spread has 185 in an hour"


@pytest.mark.parametrize("again", ["00:00:05", "03:00", "08:59:59"])
def test_a_repeat_gives_the_same_instant(again: str) -> None:
    for member in range(50):
        assert planned(clock(again), member) == planned(clock("00:00:01"), member)


def test_a_late_notice_keeps_its_place_in_what_is_left_of_the_day() -> None:
    instants = [planned(clock("20:00"), member) for member in range(200)]
    assert all(clock("20:00") <= at < clock("21:00") for at in instants)
    assert len({at.minute for at in instants}) > 40


@pytest.mark.parametrize(
    ("now", "expected_day"),
    [("21:00", 11), ("23:59:59", 11), ("08:59:59", 10), ("09:00", 10), ("20:59:59", 10)],
)
def test_the_edges(now: str, expected_day: int) -> None:
    at = planned(clock(now))
    assert at.day == expected_day
    assert 9 <= at.hour < 21


@pytest.mark.parametrize(
    ("now", "gone", "first", "last"),
    [
        (clock("00:00:01"), clock("00:00", date(2026, 3, 11)), clock("09:00"), clock("21:00")),
        (clock("22:00"), clock("00:00", date(2026, 3, 11)), clock("22:00"), clock("22:00")),
        (clock("22:00"), clock("00:00", date(2026, 3, 12)), clock("09:00", date(2026, 3, 11)), clock("21:00", date(2026, 3, 11))),
        (clock("08:00"), clock("09:30"), clock("09:00"), clock("09:30")),
    ],
)  # fmt: skip
def test_a_warning_comes_before_the_points_are_gone(
    now: datetime, gone: datetime, first: datetime, last: datetime
) -> None:
    for member in range(100):
        assert first <= planned(now, member, gone=gone) <= last < gone or last == gone


@pytest.mark.parametrize(
    ("days_ago", "at_once"), [(0, False), (1, False), (2, True), (3, False), (40, False)]
)
def test_a_window_that_may_end_today_is_used_at_the_first_open_moment(days_ago: int, at_once: bool) -> None:
    instants = {
        planned(clock("00:00:01"), member, seen=TODAY - timedelta(days=days_ago)) for member in range(50)
    }
    assert (instants == {clock("09:00")}) is at_once


def test_quiet_hours_by_day_and_none_at_all() -> None:
    bar = QuietHours(from_hour=9, until_hour=21)
    for member in range(50):
        assert clock("21:00") <= planned(clock("10:00"), member, bar) < clock("09:00", date(2026, 3, 11))
    last_day = clock("00:00", date(2026, 3, 11))
    assert all(
        clock("21:00") <= planned(clock("10:00"), member, bar, gone=last_day) < last_day
        for member in range(50)
    )
    assert planned(clock("03:00"), quiet=None) == clock("03:00")


@pytest.mark.parametrize("day", [date(2026, 3, 28), date(2026, 3, 29), date(2026, 10, 25)])
def test_hours_are_those_of_the_wall_clock_when_it_changes(day: date) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for member in range(50):
        at = unprompted_at(
            DEFAULT, member, clock("00:00:01", day, berlin), berlin, seen_on=LONG_AGO, gone_at=None
        )
        assert (at.astimezone(berlin).date(), 9 <= at.astimezone(berlin).hour < 21) == (day, True)


@pytest.mark.parametrize(
    "wrong", [{"from_hour": 9}, {"from_hour": 24}, {"until_hour": -1}, {"from_hour": "21"}, {"till": 9}]
)
def test_what_is_no_quiet_hours(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        QuietHours.model_validate(wrong)
