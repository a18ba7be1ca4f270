"""The commands of operators for one account. `by` is the person, `reason` is what they write into the record."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from typing_extensions import override

from loyalty.ledger.writes import MeterKey
from loyalty.operations.commands import OperatorCommand

OPERATOR: Final = "operator"
"""The actor of commands that operators give."""
MOST_POINTS: Final = 10_000_000
"""The most points that one adjustment moves."""


@dataclass(frozen=True, kw_only=True)
class AdjustPoints(OperatorCommand):
    """Add `points`, or take them away if negative. A `ticket` is adjusted for once.

    `may_owe`: what the member does not have becomes a debt; otherwise the command is refused. `limit`: the most points that `by`
    may move for this member within a day, up and down together. `approved_by` is the second person, who let them move more.
    """

    name = "adjust_points"
    optional: ClassVar[tuple[str, ...]] = (*OperatorCommand.optional, "limit", "approved_by")

    points: int
    reason: str
    ticket: str
    by: str
    may_owe: bool = False
    limit: int | None = None
    approved_by: str | None = None
    actor: str = OPERATOR

    def __post_init__(self) -> None:
        if not 1 <= abs(self.points) <= MOST_POINTS:
            raise ValueError(f"an adjustment moves 1 to {MOST_POINTS} points, not {self.points}")

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "adjust", self.ticket


@dataclass(frozen=True, kw_only=True)
class FreezeAccount(OperatorCommand):
    """Refuse everything that moves points, except what books, lapses, releases and refunds. Members read the `reason`."""

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


def meters(command: AdjustPoints, day: date) -> list[MeterKey]:
    """The meter of a limited adjustment: what this person has moved for the member on the day."""
    return [] if command.limit is None else [moved_by(command.by, day)]


def moved_by(person: str, day: date) -> MeterKey:
    """The meter of what a person has moved for a member on a day."""
    return MeterKey(f"adjusted_by:{person}", day.isoformat())
