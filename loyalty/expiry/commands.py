"""Commands that jobs give about points that open and lapse."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.engine.command import Command


@dataclass(frozen=True, kw_only=True)
class Book(Command):
    """Open and lapse the lots whose day has come. Every other command does so first, too."""

    name = "expire"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "expire", day.isoformat()


@dataclass(frozen=True, kw_only=True)
class WarnExpiry(Command):
    """Warn a member of the points that lapse within one of the rule set's ranges; one notice per range and lapse day."""

    name = "warn_expiry"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "warn_expiry", day.isoformat()
