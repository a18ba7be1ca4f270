"""The rule of the repair card."""

from typing import Annotated, Final

from pydantic import Field

from loyalty.programme.sections import Points, Rule

MOST_DAYS_BACK: Final = 7
"""No missed day is mended later than so many days after it; a rule may allow fewer."""


class RepairRule(Rule):
    """A card mends one missed day of the last `within_days`, at most `per_month` times per calendar month.

    A member without a card pays `price_points` for one on the spot; null: cards are won and cannot be bought.
    """

    price_points: Annotated[Points, Field(ge=1)] | None = None
    within_days: Annotated[int, Field(ge=1, le=MOST_DAYS_BACK)] = MOST_DAYS_BACK
    per_month: Annotated[int, Field(ge=1, le=31)] = 2
