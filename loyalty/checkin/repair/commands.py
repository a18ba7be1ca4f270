"""The commands of the repair card: using one, and being given some."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.engine.command import Command, check_at_least_one


@dataclass(frozen=True, kw_only=True)
class RepairCheckIn(Command):
    """Mend the missed `day`. `price_points` is the price that the member was shown, None if a card they hold was to be used."""

    name = "repair_check_in"

    day: date
    price_points: int | None = None

    @override
    def fact(self, day: date) -> tuple[str, str]:
        """The same fact as signing in on that day, so that a day counts once, whether signed in or mended."""
        return "check_in", self.day.isoformat()


@dataclass(frozen=True, kw_only=True)
class GiveRepairCards(Command):
    """Give `cards` that were won with the receipt `source`; runs as a follow-up."""

    name = "give_repair_cards"

    cards: int
    source: int

    def __post_init__(self) -> None:
        check_at_least_one(self.cards)

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "repair_cards", str(self.source)
