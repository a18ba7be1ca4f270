"""The numbers of a part of the facts: points, times and money by flow, and what is computed from them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from loyalty.numbers.facts import NOTHING, Amount

COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "issued": ("issued", "points"), "used": ("used", "points"), "captured": ("captured", "points"),
    "returned": ("returned", "points"), "expired": ("expired", "points"), "revived": ("revived", "points"),
    "reversed": ("reversed", "points"), "forfeited": ("forfeited", "points"), "given_by_hand": ("given_by_hand", "points"),
    "taken_by_hand": ("taken_by_hand", "points"), "held": ("held", "points"), "released": ("released", "points"),
    "written_off": ("written_off", "points"), "verified": ("written_off", "times"), "redeemed": ("redeemed", "times"),
    "cancelled": ("cancelled", "times"), "joined": ("joined", "times"), "orders": ("sold", "times"), "sold": ("sold", "fen"),
    "refunded": ("refunded", "fen"),
}  # fmt: skip
"""The numbers that are sums of facts: the flow, and what of it is counted."""


@dataclass(frozen=True)
class Totals:
    """Sums of facts by flow."""

    flows: Mapping[str, Amount] = field(default_factory=dict)

    def __getitem__(self, name: str) -> int:
        """A number of COLUMNS; money in fen."""
        flow, unit = COLUMNS[name]
        return int(getattr(self.flows.get(flow, NOTHING), unit))

    @property
    def net_used(self) -> int:
        """Points used in the end."""
        return self["used"] + self["captured"] - self["returned"]

    @property
    def ratio(self) -> float | None:
        """Points issued per point used in the end; None if none was used."""
        return self["issued"] / self.net_used if self.net_used > 0 else None


def sum_of(parts: Iterable[Totals]) -> Totals:
    """The sums of several parts."""
    flows: dict[str, Amount] = {}
    for part in parts:
        for flow, amount in part.flows.items():
            flows[flow] = flows.get(flow, NOTHING) + amount
    return Totals(flows)
