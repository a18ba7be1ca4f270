"""How much a member has spent within the hour, the day and the month, by meters, and whether that is a case for a person.

    debited_points   an hour of the clock in UTC, a day, a month
    debited_times    an hour, a day
    debit_days       a month: the days on which something was spent

A usual day is the mean of those days of this month and the last on which the member spent anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from loyalty.cases.commands import Cause
from loyalty.cases.rule import RiskRule
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey

POINTS: Final = "debited_points"
TIMES: Final = "debited_times"
DAYS: Final = "debit_days"
LEAST_DAYS: Final = 3
"""With fewer days of spending before, nobody knows what is usual."""


class Spike(NamedTuple):
    """What was spent, against what is usual or allowed."""

    cause: Cause
    found: int
    bound: int


class Spans(NamedTuple):
    """The periods that an instant belongs to, and the month before."""

    hour: str
    day: str
    month: str
    before: str


def spans(at: datetime, day: date) -> Spans:
    """The periods of an instant with its business day."""
    month = day.replace(day=1)
    return Spans(
        f"{at.astimezone(UTC):%Y-%m-%dT%H}",
        day.isoformat(),
        f"{month:%Y-%m}",
        f"{month - timedelta(days=1):%Y-%m}",
    )


def meters(rule: RiskRule | None, at: datetime, day: date) -> Sequence[MeterKey]:
    """The meters that watching one debit needs; none without a rule."""
    if rule is None:
        return ()
    here = spans(at, day)
    points = [MeterKey(POINTS, period) for period in (here.day, here.month, here.before)]
    days = [MeterKey(DAYS, here.month), MeterKey(DAYS, here.before), MeterKey(TIMES, here.day)]
    return [*points, *days, MeterKey(POINTS, here.hour), MeterKey(TIMES, here.hour)]


def since_release(at: datetime, day: date) -> Sequence[MeterKey]:
    """The meters that begin anew when a case ends in a release, so that the next debit does not open another one."""
    here = spans(at, day)
    return [MeterKey(name, period) for name in (POINTS, TIMES) for period in (here.hour, here.day)]


def count(wallet: Wallet, rule: RiskRule, at: datetime, day: date) -> Spike | None:
    """Count what this command has debited; the first of the rule's limits that it passes, if any."""
    points, here = wallet.debited, spans(at, day)
    if not points:
        return None
    is_first = not wallet.meter(MeterKey(TIMES, here.day))
    for period in (here.hour, here.day):
        wallet.count(MeterKey(POINTS, period), points)
        wallet.count(MeterKey(TIMES, period))
    wallet.count(MeterKey(POINTS, here.month), points)
    if is_first:
        wallet.count(MeterKey(DAYS, here.month))
    return next(_spikes(wallet, rule, here, points), None)


def usual_day(wallet: Wallet, here: Spans) -> int | None:
    """The points of a usual day before this one; None while nobody knows."""
    today = wallet.meter(MeterKey(POINTS, here.day))
    points = sum(wallet.meter(MeterKey(POINTS, month)) for month in (here.month, here.before)) - today
    days = sum(wallet.meter(MeterKey(DAYS, month)) for month in (here.month, here.before)) - (today > 0)
    return points // days if days >= LEAST_DAYS else None


def _spikes(wallet: Wallet, rule: RiskRule, here: Spans, points: int) -> Iterator[Spike]:
    day = wallet.meter(MeterKey(POINTS, here.day)) + points
    usual = usual_day(wallet, here)
    if rule.times_usual and usual is not None and day >= max(rule.least_points, rule.times_usual * usual):
        yield Spike("usual", day, usual)
    found = {
        "hour_times": wallet.meter(MeterKey(TIMES, here.hour)) + 1,
        "hour_points": wallet.meter(MeterKey(POINTS, here.hour)) + points,
        "day_times": wallet.meter(MeterKey(TIMES, here.day)) + 1,
        "day_points": day,
    }
    yield from _above(rule, found)


def _above(rule: RiskRule, found: Mapping[str, int]) -> Iterator[Spike]:
    bounds: Mapping[Cause, int | None] = {
        "hour_times": rule.hour_times, "hour_points": rule.hour_points, "day_times": rule.day_times,
        "day_points": rule.day_points,
    }  # fmt: skip
    for cause, bound in bounds.items():
        if bound is not None and found[cause] > bound:
            yield Spike(cause, found[cause], bound)
