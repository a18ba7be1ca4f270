"""The commands of points that open and lapse."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.engine.command import Command


@dataclass(frozen=True, kw_only=True)
class Book(Command):
    """Book what has opened or lapsed, and nothing else."""

    name = "expire"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "expire", day.isoformat()


@dataclass(frozen=True, kw_only=True)
class WarnExpiry(Command):
    """Tell a member what lapses within one of the rule set's ranges; one notice per range and lapse day."""

    name = "warn_expiry"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "warn_expiry", day.isoformat()
