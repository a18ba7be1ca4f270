"""Business days and the months points live."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.ledger.calendar import NEVER, add_months, business_day, day_start, expires_on, last_day
from tests.ledger import ZONE

DAYS = [
    (datetime(2026, 3, 1, 15, 59, 59, 999_999, tzinfo=UTC), date(2026, 3, 1)),
    (datetime(2026, 3, 1, 16, 0, tzinfo=UTC), date(2026, 3, 2)),
    (datetime(2024, 2, 28, 16, 0, tzinfo=UTC), date(2024, 2, 29)),
    (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), date(2026, 1, 1)),
    (datetime(2026, 1, 1, 0, 0, tzinfo=ZoneInfo("America/New_York")), date(2026, 1, 1)),
]


@pytest.mark.parametrize(("instant", "day"), DAYS)
def test_the_business_day_changes_at_midnight_in_shanghai(instant: datetime, day: date) -> None:
    assert business_day(instant, ZONE) == day


MONTHS = [
    (date(2026, 1, 31), 1, date(2026, 2, 28)),
    (date(2024, 1, 31), 1, date(2024, 2, 29)),
    (date(2026, 1, 15), 12, date(2027, 1, 15)),
    (date(2024, 2, 29), 12, date(2025, 2, 28)),
    (date(2026, 11, 30), 3, date(2027, 2, 28)),
    (date(2026, 12, 31), 1, date(2027, 1, 31)),
    (date(2026, 12, 1), 120, date(2036, 12, 1)),
]


@pytest.mark.parametrize(("day", "months", "later"), MONTHS)
def test_add_months(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


EXPIRIES = [
    (date(2026, 3, 2), 12, date(2027, 4, 1)),
    (date(2026, 3, 31), 12, date(2027, 4, 1)),
    (date(2026, 1, 31), 1, date(2026, 3, 1)),
    (date(2024, 1, 31), 1, date(2024, 3, 1)),
    (date(2026, 11, 1), 1, date(2027, 1, 1)),
    (date(2026, 12, 31), 12, date(2028, 1, 1)),
    (date(2026, 12, 31), None, NEVER),
]


@pytest.mark.parametrize(("earned", "months", "gone"), EXPIRIES)
def test_points_live_to_the_end_of_a_month(earned: date, months: int | None, gone: date) -> None:
    assert expires_on(earned, months) == gone


@given(st.dates(date(2000, 1, 1), date(2200, 1, 1)), st.integers(1, 120))
def test_points_are_gone_on_a_first_and_never_too_early(earned: date, months: int) -> None:
    gone = expires_on(earned, months)
    assert gone.day == 1
    assert last_day(gone) == gone - timedelta(days=1) >= add_months(earned, months)
    assert last_day(gone) < add_months(earned, months) + timedelta(days=31)


@given(st.integers(946_684_800, 4_102_444_800))
def test_every_instant_lies_in_its_day(seconds: int) -> None:
    instant = datetime.fromtimestamp(seconds, UTC)
    day = business_day(instant, ZONE)
    assert day_start(day, ZONE) <= instant < day_start(day + timedelta(days=1), ZONE)
