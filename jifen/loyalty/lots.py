"""Lots: points of one member that open and lapse together, and the order in which they are spent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import NamedTuple


class LotKey(NamedTuple):
    """What makes points one lot; also the order in which lots are spent."""

    expires_on: date
    opens_on: date
    terms: int


@dataclass(slots=True)
class Lot:
    """Points of one member that open and lapse together; all quantities in points."""

    key: LotKey
    opened: bool
    granted: int = 0
    remaining: int = 0
    held: int = 0
    spent: int = 0
    expired: int = 0
    reversed: int = 0
    offset_debt: int = 0
    forfeited: int = 0
    stored: bool = True

    @property
    def quantities(self) -> tuple[int, ...]:
        """All that can change, in the order of the fields."""
        return _quantities(self)


_quantities = attrgetter(
    "opened", "granted", "remaining", "held", "spent", "expired", "reversed", "offset_debt", "forfeited"
)


def plan_spend(lots: Iterable[Lot], points: int) -> list[tuple[Lot, int]]:
    """Which opened lots pay how much, earliest (expires_on, opens_on, terms) first.

    Raises ValueError when the lots hold fewer points than asked for.
    """
    plan: list[tuple[Lot, int]] = []
    for lot in sorted(lots, key=lambda lot: lot.key):
        if not points:
            break
        if lot.opened and lot.remaining:
            taken = min(points, lot.remaining)
            plan.append((lot, taken))
            points -= taken
    if points:
        raise ValueError(f"{points} points short")
    return plan
