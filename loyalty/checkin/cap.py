"""The most that signing in pays within a day: sign-ins, bonuses and mended days together, in whatever order they come."""

from collections.abc import Sequence
from datetime import date

from loyalty.checkin.rule import CheckInRule
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey


def paid_on(day: date) -> MeterKey:
    """The meter of what signing in has paid on a business day, which is kept while the rules have a cap."""
    return MeterKey("check_in_points", day.isoformat())


def cap_meters(rule: CheckInRule, day: date) -> Sequence[MeterKey]:
    """The meters that a cap needs; none without a cap, so that it costs nothing then."""
    return () if rule.most_per_day is None else (paid_on(day),)


def within_cap(wallet: Wallet, rule: CheckInRule, day: date, points: int) -> int:
    """As many of the points as the day's cap leaves room for; they are counted."""
    if rule.most_per_day is None:
        return points
    given = min(points, max(rule.most_per_day - wallet.meter(paid_on(day)), 0))
    if given:
        wallet.count(paid_on(day), given)
    return given
