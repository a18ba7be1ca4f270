"""The rule of the repair card."""

from typing import Annotated, Final

from pydantic import Field

from loyalty.programme.sections import Points, Rule

MOST_DAYS_BACK: Final = 7
"""A missed day can be mended at most so many days later; a rule may allow fewer."""


class RepairRule(Rule):
    """A card mends one missed day of the last `within_days`, at most `per_month` times per calendar month.

    A member without a card pays `price_points` for one when they use it; null means that cards can be won but not bought.
    """

    price_points: Annotated[Points, Field(ge=1)] | None = None
    within_days: Annotated[int, Field(ge=1, le=MOST_DAYS_BACK)] = MOST_DAYS_BACK
    per_month: Annotated[int, Field(ge=1, le=31)] = 2
