"""Lots: points of one member that open and lapse together, and the order in which they are spent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from operator import attrgetter
from typing import Any, Final, NamedTuple, TypeAlias

from loyalty.ledger.calendar import AT_ONCE

Quantities: TypeAlias = tuple[int, ...]
"""The values of a lot that can change, in the order of `QUANTITIES`: whether it has opened, and its points."""


ORDINARY: Final = 0
"""The `terms` of a lot whose lapse was not put off. Those of extended points are the days by which it was, once."""


class LotKey(NamedTuple):
    """The key of a lot within its member, and the order in which lots are spent."""

    expires_on: date
    opens_on: date
    terms: int

    @property
    def would_lapse_on(self) -> date:
        """The day on which the points would have lapsed without an extension."""
        return self.expires_on - timedelta(days=self.terms)


LotShare: TypeAlias = tuple[LotKey, int]
"""A lot and some of its points."""


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

    @property
    def quantities(self) -> Quantities:
        """The values that can change."""
        return _quantities(self)

    def copy(self) -> "Lot":
        """Another lot with the same key and quantities."""
        return Lot(self.key, *_quantities(self))


QUANTITIES = tuple(column.name for column in fields(Lot) if column.name != "key")
_quantities = attrgetter(*QUANTITIES)


def lots_of(lots: Mapping[LotKey, Lot], key: LotKey) -> list[Lot]:
    """The lots that may hold points granted under a key: the lot itself, the one that it joined when it opened, and those to which
    an extension moved them.
    """
    found = [lots[one] for one in dict.fromkeys((key, key._replace(opens_on=AT_ONCE))) if one in lots]
    if key.terms == ORDINARY:
        found += [
            lots[one]
            for one in sorted(lots)
            if one.terms != ORDINARY and one.would_lapse_on == key.expires_on
        ]
    return found


def plan_spend(lots: Iterable[Lot], points: int) -> list[tuple[Lot, int]]:
    """The opened lots that pay, each with its share of the points, earliest (expires_on, opens_on, terms) first.

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


def first_points(shares: Iterable[LotShare], points: int) -> tuple[list[LotShare], list[LotShare]]:
    """Shares in lot order, cut in two: those of the first `points` points, and the rest."""
    first: list[LotShare] = []
    rest: list[LotShare] = []
    for key, amount in sorted(shares):
        taken = min(points, amount)
        points -= taken
        if taken:
            first.append((key, taken))
        if amount > taken:
            rest.append((key, amount - taken))
    return first, rest


LOT_COLUMNS = ", ".join(("member_id", *LotKey._fields, *QUANTITIES))
"""The columns that `lot_of` reads, as a statement names them."""
OF_LOT = ", ".join(f"l.{column}" for column in LOT_COLUMNS.split(", "))
"""The same columns, where the statement calls the lot `l`."""


def lot_of(row: Sequence[Any]) -> Lot:
    """The lot of a row with LOT_COLUMNS in their order."""
    _, expires_on, opens_on, terms, *quantities = row
    return Lot(LotKey(expires_on, opens_on, terms), *quantities)
