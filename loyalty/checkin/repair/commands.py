"""The commands of the repair card: using one, and being given some."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from typing_extensions import override

from loyalty.engine.command import Command, check_at_least_one
from loyalty.shown.commands import ShownCommand

SUBJECT: Final = "repair"
"""The name under which `shown` keeps the price of a repair."""


@dataclass(frozen=True, kw_only=True)
class RepairCheckIn(ShownCommand):
    """Mend the missed `day`.

    `price_points` is the price that a client sent as shown, None if a card that the member holds was to be used. A command that is
    `as_shown` has none, and agrees to what the chat showed last.
    """

    name = "repair_check_in"

    day: date
    price_points: int | None = None

    @property
    @override
    def subject(self) -> str:
        return SUBJECT

    @override
    def fact(self, day: date) -> tuple[str, str]:
        """The same fact as signing in on that day, so that a day counts once, whether signed in or mended."""
        return "check_in", self.day.isoformat()


@dataclass(frozen=True, kw_only=True)
class GiveRepairCards(Command):
    """Give `cards` that were won with the receipt `source`; runs as a follow-up."""

    name = "give_repair_cards"
    travels = False

    cards: int
    source: int

    def __post_init__(self) -> None:
        check_at_least_one(self.cards)

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "repair_cards", str(self.source)
