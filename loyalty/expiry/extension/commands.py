"""The command that puts off the day on which points lapse."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from typing_extensions import override

from loyalty.shown.commands import ShownCommand

SUBJECT: Final = "extension"
"""The name under which `shown` keeps the price of an extension."""


@dataclass(frozen=True, kw_only=True)
class ExtendPoints(ShownCommand):
    """Put off the lapse of the points that lapse on `expires_on`.

    `price_points` is the price that a client sent as shown, None where it costs nothing. A command that is `as_shown` has none, and
    agrees to what the chat showed last.
    """

    name = "extend_points"

    expires_on: date
    price_points: int | None = None

    @property
    @override
    def subject(self) -> str:
        return SUBJECT

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "extend", self.expires_on.isoformat()
