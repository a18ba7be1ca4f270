"""The command of taking an acceleration pack."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.engine.command import Command


@dataclass(frozen=True, kw_only=True)
class TakePack(Command):
    """Take one of the programme's packs at the price that the client was shown; None: whichever is in force."""

    name = "take_pack"

    pack: str
    price_points: int | None = None

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "pack", self.request_key
