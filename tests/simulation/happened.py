"""What was asked and answered in a step, as the judge is told of it."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from loyalty.engine.command import Command
from loyalty.engine.outcomes import Decision
from loyalty.members.enrolment import Enrolled
from tests.simulation.deeds import Mode
from tests.simulation.second_ledger import World


class Mismatch(AssertionError):
    """What happened is not what the second ledger expects; `members` are those it shows at."""

    def __init__(self, what: str, *members: int) -> None:
        super().__init__(what)
        self.members = members


@dataclass(eq=False)
class Asked:
    """A command with its answer; None is unknown."""

    command: Command
    engine: str
    answer: Decision | None = None


class Met(NamedTuple):
    """A person who came, and what they were told; None is unknown."""

    person: int
    at: datetime
    told: Enrolled | None


@dataclass
class Happened:
    """All that was done at once in a step."""

    mode: Mode
    asked: list[Asked] = field(default_factory=list)
    met: list[Met] = field(default_factory=list)
    settled: list[tuple[int, str]] = field(default_factory=list)
    before: World | None = None
    """The rules and rounds as they were, where an operator published meanwhile."""

    @cached_property
    def faulty(self) -> bool:
        """Whether the wire broke, so that some answers are unknown and a later try may find what an earlier one did."""
        unknown = any(one.answer is None for one in self.asked) or any(met.told is None for met in self.met)
        return self.mode.kind in ("hurt", "crash") or unknown
