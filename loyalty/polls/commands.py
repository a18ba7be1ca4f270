"""The command of a vote."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.engine.command import Command


@dataclass(frozen=True, kw_only=True)
class Vote(Command):
    """Vote for one `option` of a poll, by their ids; once per member and poll."""

    name = "vote"

    poll: str
    option: str

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "poll", self.poll
