"""How mending a missed day changes the days in a row, and how many points the day pays. Pure."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from loyalty.checkin.rule import CheckInRule

ONE_DAY = timedelta(days=1)


class SignedDay(NamedTuple):
    """A day that is signed in or mended: how many in a row it is by now, and the points it paid."""

    day: date
    streak: int
    points: int


class Recent(NamedTuple):
    """The first day a member ever signed in, and the signed days of the last week and a day, oldest first."""

    first: date | None = None
    days: tuple[SignedDay, ...] = ()


class Mended(NamedTuple):
    """A mended day: its place in the row, the last day that follows it without a gap, and what it pays."""

    streak: int
    through: date
    points: int


def missed_days(recent: Recent, today: date, within_days: int) -> list[date]:
    """The days before `today` that can be mended, oldest first: missed, recent enough, and after the member's first sign-in."""
    if recent.first is None:
        return []
    signed = {one.day for one in recent.days}
    back = (today - timedelta(days=ago) for ago in range(within_days, 0, -1))
    return [day for day in back if day > recent.first and day not in signed]


def mend(recent: Recent, day: date, rule: CheckInRule) -> Mended:
    """The effect of mending the missed `day`.

    It pays what that day would have paid, but at most so much that all days together have not paid more than without the gap: days
    after the gap began a new row, and may have had bonuses that an unbroken row reaches later.
    """
    by_day = {one.day: one for one in recent.days}
    before = by_day.get(day - ONE_DAY)
    streak = before.streak + 1 if before else 1
    following = list(_following(by_day, day))
    unbroken = sum(rule.award(streak + ahead)[0] for ahead in range(len(following) + 1))
    paid = sum(one.points for one in following)
    through = following[-1].day if following else day
    return Mended(streak, through, max(0, min(rule.award(streak)[0], unbroken - paid)))


def _following(by_day: dict[date, SignedDay], day: date) -> Iterator[SignedDay]:
    while (day := day + ONE_DAY) in by_day:
        yield by_day[day]
