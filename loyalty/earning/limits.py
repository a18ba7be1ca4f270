"""Limits of a rule per member, counted in meters, and its budgets for all members, which are pools."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from loyalty.earning.commands import RecordEvent
from loyalty.earning.rules.facts import Attribute
from loyalty.earning.rules.rule import EarningRule, Limit
from loyalty.earning.valid import attributes_of
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import MeterKey

Why: TypeAlias = str
LIMIT: Final = "limit"
BUDGET: Final = "budget"
"""Why a rule gave less than it would have."""


class Subject(NamedTuple):
    """What limits count apart: the event's order, "" without one, and the values of its attributes."""

    order: str
    attributes: Mapping[str, Attribute]


def subject_of(command: RecordEvent) -> Subject:
    """What limits count apart."""
    order = f"{command.store or ''}:{command.order}" if command.order else ""
    return Subject(order, attributes_of(command))


def period_of(limit: Limit, day: date, subject: Subject) -> str:
    """The period of a limit in which an event falls, with the value of the attribute by which the limit counts apart."""
    period = f"order|{subject.order}" if limit.per == "order" else periods_of(day)[limit.per]
    return period if limit.of is None else f"{period}|{limit.of}={subject.attributes.get(limit.of, '')}"


@lru_cache(maxsize=1_024)
def periods_of(day: date) -> Mapping[str, str]:
    """The periods that limits count a day in, by their kind, without those that are no time."""
    year, week, _ = day.isocalendar()
    return {
        "day": day.isoformat(),
        "week": f"{year}-W{week:02}",
        "month": f"{day:%Y-%m}",
        "year": f"{day:%Y}",
        "ever": "",
    }


def _keys(rule: EarningRule, limit: Limit, day: date, subject: Subject) -> tuple[MeterKey, MeterKey]:
    period = period_of(limit, day, subject)
    return MeterKey(f"times:{rule.id}", period), MeterKey(f"earned:{rule.id}", period)


def limit_meters(rule: EarningRule, day: date, subject: Subject) -> list[MeterKey]:
    """The meters of a rule's limits: how often, and how many points it gave in each period."""
    return list(dict.fromkeys(key for limit in rule.limit for key in _keys(rule, limit, day, subject)))


def room(wallet: Wallet, rule: EarningRule, tier: str, day: date, subject: Subject) -> int | None:
    """The points that the rule's limits leave for a member of this tier; None if nothing limits them."""
    rooms = []
    for limit in rule.limit:
        if limit.concerns(tier):
            times, earned = (wallet.meter(key) for key in _keys(rule, limit, day, subject))
            if limit.times is not None and times >= limit.times:
                return 0
            if limit.points is not None:
                rooms.append(max(limit.points - earned, 0))
    return min(rooms, default=None)


def count(wallet: Wallet, rule: EarningRule, points: int, day: date, subject: Subject) -> None:
    """Count an award against the rule's limits, in each period once."""
    for times, earned in dict.fromkeys(_keys(rule, limit, day, subject) for limit in rule.limit):
        wallet.count(times)
        wallet.count(earned, points)


def budgets_of(rule: EarningRule, day: date) -> Mapping[str, int]:
    """The pools of a rule's budgets for an event of this day, each with its size."""
    if rule.budget is None:
        return {}
    periods = periods_of(day)
    sizes = {
        f"budget:{rule.id}|{periods['day']}": rule.budget.per_day,
        f"budget:{rule.id}|{periods['month']}": rule.budget.per_month,
        f"budget:{rule.id}": rule.budget.total,
    }
    return {name: size for name, size in sizes.items() if size is not None}
