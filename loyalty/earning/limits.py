"""Limits of a rule per member, counted in meters, and its budgets for all members, which are pools."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final, TypeAlias

from loyalty.earning.rule import EarningRule
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey

Why: TypeAlias = str
LIMIT: Final = "limit"
BUDGET: Final = "budget"
"""Why a rule gave less than it would have."""


def period_of(per: str, day: date, order: str) -> str:
    """The period of a limit in which an event falls; `order` is the event's order, "" without one."""
    year, week, _ = day.isocalendar()
    periods = {
        "day": day.isoformat(),
        "week": f"{year}-W{week:02}",
        "month": f"{day:%Y-%m}",
        "year": f"{day:%Y}",
        "order": f"order|{order}",
        "ever": "",
    }
    return periods[per]


def _keys(rule: EarningRule, per: str, day: date, order: str) -> tuple[MeterKey, MeterKey]:
    period = period_of(per, day, order)
    return MeterKey(f"times:{rule.id}", period), MeterKey(f"earned:{rule.id}", period)


def limit_meters(rule: EarningRule, day: date, order: str) -> Iterator[MeterKey]:
    """The meters of a rule's limits: how often, and how many points it gave in each period."""
    for per in {limit.per for limit in rule.limit}:
        yield from _keys(rule, per, day, order)


def room(wallet: Wallet, rule: EarningRule, tier: str, day: date, order: str) -> int | None:
    """The points that the rule's limits leave for a member of this tier; None if nothing limits them."""
    rooms = []
    for limit in rule.limit:
        if limit.concerns(tier):
            times, earned = (wallet.meter(key) for key in _keys(rule, limit.per, day, order))
            if limit.times is not None and times >= limit.times:
                return 0
            if limit.points is not None:
                rooms.append(max(limit.points - earned, 0))
    return min(rooms, default=None)


def count(wallet: Wallet, rule: EarningRule, points: int, day: date, order: str) -> None:
    """Count an award against the rule's limits."""
    for per in {limit.per for limit in rule.limit}:
        times, earned = _keys(rule, per, day, order)
        wallet.count(times)
        wallet.count(earned, points)


def budgets_of(rule: EarningRule, day: date) -> Mapping[str, int]:
    """The pools of a rule's budgets for an event of this day, each with its size."""
    if rule.budget is None:
        return {}
    sizes = {
        f"budget:{rule.id}|{day.isoformat()}": rule.budget.per_day,
        f"budget:{rule.id}|{day:%Y-%m}": rule.budget.per_month,
        f"budget:{rule.id}": rule.budget.total,
    }
    return {name: size for name, size in sizes.items() if size is not None}
