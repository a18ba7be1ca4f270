"""The sign-in calendar: the days of a month, the days in a row, and what each day of the cycle pays."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from loyalty.checkin.rule import CheckInRule
from loyalty.ledger.calendar import add_months
from loyalty.programme.in_force.live import LiveRules
from models.features import CheckIn, CheckInRepair

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class LadderDay:
    """The award of the cycle's `day`-th day; `points` includes `bonus`."""

    day: int
    points: int
    bonus: int


@dataclass(frozen=True)
class MonthView:
    """The business day of now, the days signed in that month, the streak as of now, one ladder step for each day of the cycle."""

    today: date
    days: list[date]
    streak: int
    ladder: list[LadderDay]


async def month(member_id: int, year: int, month: int, live: LiveRules, now: datetime) -> MonthView:
    """The calendar of one month. Raises ValueError when `year` and `month` name none."""
    first = date(year, month, 1)
    rows = CheckIn.filter(member_id=member_id, day__gte=first, day__lt=add_months(first, 1)).order_by("day")
    days = [row.day for row in await rows]
    today = live.day(now)
    last = await CheckIn.filter(member_id=member_id, day__lte=today).order_by("-day").first()
    streak = streak_kept(last.day, last.streak + await _shift(member_id, last.day), today) if last else 0
    return MonthView(today, days, streak, ladder(live.rules.check_in))


async def _shift(member_id: int, day: date) -> int:
    """The number of days that repairs have added to the streak of `day`."""
    repairs = CheckInRepair.filter(member_id=member_id, day__lt=day, through__gte=day)
    return sum(repair.shift for repair in await repairs)


def streak_kept(last_day: date | None, streak: int | None, today: date) -> int:
    """The days in a row as of business day `today`, if the last sign-in was the `streak`-th of them; 0 if a day was skipped."""
    if last_day is None or streak is None or last_day < today - ONE_DAY:
        return 0
    return streak


def ladder(rule: CheckInRule) -> list[LadderDay]:
    """The award of each day of the cycle."""
    return [LadderDay(day, *rule.award(day)) for day in range(1, rule.cycle_days + 1)]
