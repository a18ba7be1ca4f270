"""The periods of missions as texts: a day `2026-03-02`, a week `2026-W10`, a month `2026-03`; empty for all time."""

from datetime import date, timedelta

from loyalty.missions.rule import Period


def period_of(period: Period, day: date) -> str:
    """The period that a business day lies in. A week begins on Monday."""
    match period:
        case "day":
            return day.isoformat()
        case "week":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        case "month":
            return f"{day:%Y-%m}"
    return ""


def period_before(period: Period, day: date) -> str:
    """The period before the one that a business day lies in; empty for all time, which has none."""
    match period:
        case "day":
            return period_of(period, day - timedelta(days=1))
        case "week":
            return period_of(period, day - timedelta(days=7))
        case "month":
            return period_of(period, day.replace(day=1) - timedelta(days=1))
    return ""


def periods_around(day: date) -> list[str]:
    """Every period that a business day lies in, and those before them, each once."""
    kinds: tuple[Period, ...] = ("once", "day", "week", "month")
    return list(dict.fromkeys(of(kind, day) for kind in kinds for of in (period_of, period_before)))
