"""The command of the daily sign-in."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.engine.command import Command


@dataclass(frozen=True, kw_only=True)
class CheckIn(Command):
    """Sign in for the business day of `at`."""

    name = "check_in"

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "check_in", day.isoformat()
