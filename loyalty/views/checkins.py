"""The sign-in calendar: which days of a month, how many in a row, and what each day of the cycle pays."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from loyalty.calendar import add_months, business_day
from loyalty.live import LiveRules
from loyalty.results import CheckedIn
from loyalty.rules import CheckInRule
from models.features import CheckIn
from models.ledger import Receipt

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class LadderDay:
    """What the `day`-th day of the cycle pays; `points` includes `bonus`."""

    day: int
    points: int
    bonus: int


@dataclass(frozen=True)
class MonthView:
    """The days signed in that month, the streak as of now, and one ladder step for each day of the cycle."""

    days: list[date]
    streak: int
    ladder: list[LadderDay]


@dataclass(frozen=True)
class FriendGift:
    """What a first sign-in brought on top to a member who was invited; `balance` is what could be spent after it."""

    points: int
    balance: int


async def month(member_id: int, year: int, month: int, live: LiveRules, now: datetime) -> MonthView:
    """The calendar of one month. Raises ValueError when `year` and `month` name none."""
    first = date(year, month, 1)
    rows = CheckIn.filter(member_id=member_id, day__gte=first, day__lt=add_months(first, 1)).order_by("day")
    days = [row.day for row in await rows]
    today = live.day(now)
    last = await CheckIn.filter(member_id=member_id, day__lte=today).order_by("-day").first()
    streak = streak_kept(last.day, last.streak, today) if last else 0
    return MonthView(days, streak, ladder(live.rules.check_in))


def streak_kept(last_day: date | None, streak: int | None, today: date) -> int:
    """The days in a row as of business day `today`, when the last sign-in was the `streak`-th; 0 when a day was skipped."""
    if last_day is None or streak is None or last_day < today - ONE_DAY:
        return 0
    return streak


async def friend_gift(member_id: int, signed_in: CheckedIn, zone: ZoneInfo) -> FriendGift | None:
    """The friend's gift that this sign-in brought, being the member's first: it is booked right after the sign-in.

    Read from its receipt, so that a repeat of the same request hears the same.
    """
    if signed_in.streak != 1:
        return None
    receipt = await Receipt.filter(member_id=member_id, scope="referral_qualify", accepted=True).first()
    if receipt is None or business_day(receipt.effective_at, zone) != signed_in.day:
        return None
    points = int(receipt.facts["points"])
    return FriendGift(points, int(receipt.facts["balance"])) if points else None


def ladder(rule: CheckInRule) -> list[LadderDay]:
    """What each day of the cycle pays."""
    return [LadderDay(day, *rule.award(day)) for day in range(1, rule.cycle_days + 1)]
