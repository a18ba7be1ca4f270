"""The periods on which reaching and keeping a tier look, and the days of reviews. Pure; days are business days."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from loyalty.ledger.calendar import add_months
from loyalty.tiers.rule import TierReview

ROLLING: Final = timedelta(days=365)
ONE_DAY: Final = timedelta(days=1)
MONTHS: Final = {"year": 12, "quarter": 3}


def windows(last: date) -> dict[str, tuple[date, date]]:
    """The periods that end with the day `last`: each one's first day, and the day after its last."""
    until = last + ONE_DAY
    return {
        "year": (period_start("year", last), until),
        "quarter": (period_start("quarter", last), until),
        "days_365": (until - ROLLING, until),
    }


def period_start(by: str, day: date) -> date:
    """The first day of the calendar year or quarter of a day."""
    months = MONTHS[by]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def next_review(review: TierReview, since: date, *, reviewed: bool) -> date | None:
    """The day of the review of a tier held since a day; None if there never is one. `reviewed`: a review put the member there.

    A year or quarter in which the tier was reached is not reviewed, because the member had not all of it.
    """
    if review.by == "never":
        return None
    if review.by == "rolling":
        return since + ROLLING
    start, months = period_start(review.by, since), MONTHS[review.by]
    return add_months(start, months if reviewed or start == since else 2 * months)


def review_due(review: TierReview, since: date, today: date, *, reviewed: bool) -> date | None:
    """The day of the review that is due today, the last one where several were missed; None if none is due."""
    day = next_review(review, since, reviewed=reviewed)
    if day is None or day > today:
        return None
    return day if review.by == "rolling" else period_start(review.by, today)


def is_reached_in_period(review: TierReview, since: date, today: date) -> bool:
    """Whether a tier held since a day was reached within the period that is still to be reviewed."""
    if review.by == "never":
        return False
    if review.by == "rolling":
        return today < since + ROLLING
    return period_start(review.by, since) == period_start(review.by, today)


def latest_since(
    review: TierReview, today: date, day_start: Callable[[date], datetime], *, reviewed: bool
) -> datetime:
    """Tiers held since before this instant have a review that is due today, unless the review is never."""
    if review.by == "rolling":
        return day_start(today - ROLLING + ONE_DAY)
    start = period_start(review.by, today)
    return day_start(start if reviewed else add_months(start, -MONTHS[review.by]) + ONE_DAY)
