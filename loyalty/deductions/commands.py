"""The commands of paying with points. All are the till's, so none is a visit of the member's.

HoldPoints ──▶ CaptureHold | ReleaseHold
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from typing_extensions import override

from loyalty.engine.command import Command, check_at_least_one

TILL: Final = "till"
"""The actor of what a till or a shop's system asks for; such a command is no visit of the member's."""


@dataclass(frozen=True, kw_only=True)
class HoldPoints(Command):
    """Set `points` aside for an order of `amount_fen`. An order of a store has one hold of a member, whatever
    becomes of it, and none while another member's is open or captured.
    """

    name = "hold_points"

    order: str
    store: str
    amount_fen: int
    points: int
    actor: str = TILL

    def __post_init__(self) -> None:
        check_at_least_one(self.points)
        check_at_least_one(self.amount_fen)

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "hold", f"{self.store}:{self.order}"


@dataclass(frozen=True, kw_only=True)
class CaptureHold(Command):
    """Spend `points` of the hold that receipt `hold` made, all of them where None; the rest returns to the member."""

    name = "capture_hold"
    travels = False

    hold: int
    points: int | None = None
    actor: str = TILL

    def __post_init__(self) -> None:
        if self.points is not None:
            check_at_least_one(self.points)

    @override
    def fact(self, day: date) -> tuple[str, str]:
        """The same fact as releasing it, so that a hold is closed once."""
        return "close_hold", str(self.hold)


@dataclass(frozen=True, kw_only=True)
class ReleaseHold(Command):
    """Return all points of the hold that receipt `hold` made: the till `cancelled` it, or its deadline has passed (`lapsed`)."""

    name = "release_hold"
    travels = False

    hold: int
    why: Literal["cancelled", "lapsed"] = "cancelled"
    actor: str = TILL

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "close_hold", str(self.hold)
