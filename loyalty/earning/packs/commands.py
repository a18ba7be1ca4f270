"""The command of taking an acceleration pack."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.earning.packs.meters import name_of
from loyalty.shown.commands import ShownCommand


@dataclass(frozen=True, kw_only=True)
class TakePack(ShownCommand):
    """Take one of the programme's packs.

    `price_points` is the price that a client sent as shown; None: whichever is in force, or with `as_shown` the one last shown.
    """

    name = "take_pack"

    pack: str
    price_points: int | None = None

    @property
    @override
    def subject(self) -> str:
        return name_of(self.pack)

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "pack", self.request_key
