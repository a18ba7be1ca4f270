"""Business days: instants are aware UTC, days are the programme's own (Asia/Shanghai by default)."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

NEVER = date(9999, 12, 31)
"""The `expires_on` of points that never lapse."""

AT_ONCE = date(2000, 1, 1)
"""The `opens_on` of points that can be spent as soon as they are granted: one day for all, so that such points share a lot."""


def business_day(instant: datetime, zone: ZoneInfo) -> date:
    """The programme's calendar day of an aware instant."""
    return instant.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a business day, aware, in the programme's zone."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or that month's last day where it has no such day."""
    years, month0 = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


@lru_cache(maxsize=1_024)
def expires_on(earned_on: date, months: int | None) -> date:
    """The first day on which points are gone: they last to the end of the month that is `months` after the month of `earned_on`.

    With `months` None they never lapse.
    """
    if months is None:
        return NEVER
    return add_months(earned_on.replace(day=1), months + 1)


def last_day(gone_on: date) -> date:
    """The last day points can be used: the day before `expires_on`, as texts name it."""
    return gone_on - timedelta(days=1)
