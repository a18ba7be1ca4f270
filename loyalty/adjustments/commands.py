"""The commands of operators for one account. `by` is the person, `reason` is what they write into the record."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from typing_extensions import override

from loyalty.engine.command import Command

OPERATOR: Final = "operator"
"""The actor of commands that operators give."""
MOST_POINTS: Final = 10_000_000
"""The most points that one adjustment moves."""


@dataclass(frozen=True, kw_only=True)
class AdjustPoints(Command):
    """Add `points`, or take them away if negative. A `ticket` is adjusted for once.

    `may_owe`: what the member does not have becomes a debt; otherwise the command is refused.
    """

    name = "adjust_points"

    points: int
    reason: str
    ticket: str
    by: str
    may_owe: bool = False
    actor: str = OPERATOR

    def __post_init__(self) -> None:
        if not 1 <= abs(self.points) <= MOST_POINTS:
            raise ValueError(f"an adjustment moves 1 to {MOST_POINTS} points, not {self.points}")

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "adjust", self.ticket


@dataclass(frozen=True, kw_only=True)
class FreezeAccount(Command):
    """Refuse everything that moves points, except what books, lapses, releases and refunds."""

    name = "freeze_account"

    reason: str
    by: str
    actor: str = OPERATOR

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "freeze", self.request_key


@dataclass(frozen=True, kw_only=True)
class ThawAccount(FreezeAccount):
    """Open a frozen account again."""

    name = "thaw_account"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "thaw", self.request_key
