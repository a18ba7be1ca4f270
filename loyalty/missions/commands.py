"""The command that moves missions on."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.engine.command import Command


@dataclass(frozen=True, kw_only=True)
class AdvanceMissions(Command):
    """Count `times` of an action that the receipt `source` tells of; runs as a follow-up.

    `on` is the business day of the action as text, because a follow-up's fields are JSON. `times` is negative where something that
    was counted has been undone.
    """

    name = "advance_missions"
    travels = False

    action: str
    times: int
    on: str
    source: int

    @property
    def done_on(self) -> date:
        """The business day of the action. Raises ValueError."""
        return date.fromisoformat(self.on)

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "missions", str(self.source)
