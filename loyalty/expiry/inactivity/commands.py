"""Commands that a job gives about members who have not visited for long."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.engine.command import Command


@dataclass(frozen=True, kw_only=True)
class WarnInactive(Command):
    """Warn a member last seen on `silent_since` that their points will be forfeited; once per silence."""

    name = "warn_inactive"

    silent_since: date

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "warn_inactive", self.silent_since.isoformat()


@dataclass(frozen=True, kw_only=True)
class ForfeitInactive(Command):
    """Forfeit the points of a member who was warned and has not visited since; once per silence."""

    name = "forfeit_inactive"

    silent_since: date

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "forfeit_inactive", self.silent_since.isoformat()
