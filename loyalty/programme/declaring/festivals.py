"""The statutory festivals of China by their days, also of years to come, from the calendar of `holidays`, without the network."""

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Final, Literal, TypeAlias

Festival: TypeAlias = Literal[
    "new_year", "spring_festival", "tomb_sweeping", "labor_day", "dragon_boat", "mid_autumn", "national_day"
]

NAMES: Final[dict[Festival, str]] = {
    "new_year": "元旦",
    "spring_festival": "春节",
    "tomb_sweeping": "清明节",
    "labor_day": "劳动节",
    "dragon_boat": "端午节",
    "mid_autumn": "中秋节",
    "national_day": "国庆节",
}
"""The festivals in Chinese."""
_IN_CALENDAR: Final[dict[str, Festival]] = {
    "New Year's Day": "new_year",
    "Chinese New Year's Eve": "spring_festival",
    "Chinese New Year (Spring Festival)": "spring_festival",
    "Tomb-Sweeping Day": "tomb_sweeping",
    "Labor Day": "labor_day",
    "Dragon Boat Festival": "dragon_boat",
    "Mid-Autumn Festival": "mid_autumn",
    "National Day": "national_day",
}
"""Our names by the calendar's; its days off in lieu have other ones, and are no festivals."""


@cache
def festivals_of(year: int) -> dict[date, frozenset[Festival]]:
    """The festivals of each of their days in a year; two may share a day."""
    from holidays import country_holidays  # 0.1 s, which no command should wait for

    calendar = country_holidays("CN", years=year, language="en_US")
    return {
        day: frozenset(_IN_CALENDAR[one] for one in names.split("; ") if one in _IN_CALENDAR)
        for day, names in calendar.items()
    }


def is_festival(day: date, festivals: Iterable[Festival]) -> bool:
    """Whether a business day is a day of one of these festivals."""
    return not festivals_of(day.year).get(day, frozenset()).isdisjoint(festivals)
