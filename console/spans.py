"""A span of days in the address, and its fields above a report."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup

MONTH: Final = timedelta(days=29)
MOST_DAYS: Final = 3660


def span_of(query: Mapping[str, str], today: date) -> tuple[date, date]:
    """The days `first` to `last` of a query, both inclusive; what is missing or malformed is the last thirty days."""
    first, last = _day(query.get("first", ""), today - MONTH), _day(query.get("last", ""), today)
    return max(min(first, last), last - timedelta(days=MOST_DAYS)), last


def _day(text: str, otherwise: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return day if day.year > 1970 else otherwise


def span_fields(first: date, last: date) -> Markup:
    """The two fields of a form."""
    return Markup(
        '<label><span>从</span><input type="date" name="first" value="{}"></label>'
        '<label><span>到</span><input type="date" name="last" value="{}"></label>'
    ).format(first, last)
