"""A span of days in the address, and its fields above a report."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup

from console.markup import address, join, link
from loyalty.ledger.calendar import add_months

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
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


def shortcuts(path: str, today: date, **others: object) -> Markup:
    """Links to the spans that people ask for most, with the other fields of the form as they are."""
    month, week = today.replace(day=1), today - timedelta(days=today.weekday())
    spans = {
        "今天": (today, today),
        "昨天": (today - DAY, today - DAY),
        "本周": (week, today),
        "上周": (week - WEEK, week - DAY),
        "本月": (month, today),
        "上月": (add_months(month, -1), month - DAY),
    }
    links = join(
        (
            link(words, address(path, first=first, last=last, **others))
            for words, (first, last) in spans.items()
        ),
        " ",
    )
    return Markup('<span class="shortcuts">{}</span>').format(links)


def span_fields(first: date, last: date) -> Markup:
    """The two fields of a form."""
    return Markup(
        '<label><span>从</span><input type="date" name="first" value="{}"></label>'
        '<label><span>到</span><input type="date" name="last" value="{}"></label>'
    ).format(first, last)
