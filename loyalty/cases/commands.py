"""The commands of cases: a spike opens one, an operator decides it, and what released the account otherwise closes it."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from typing_extensions import override

from loyalty.engine.command import Command
from loyalty.operations.commands import OperatorCommand

Cause: TypeAlias = Literal["usual", "hour_times", "hour_points", "day_times", "day_points"]
"""What was far above the usual, or above which limit of the rule."""


@dataclass(frozen=True, kw_only=True)
class OpenCase(Command):
    """Let the member spend nothing more, and open a case. `found` was spent within `cause`'s span, `bound` is usual or allowed.

    `source` is the receipt with which it was reached.
    """

    name = "open_case"
    travels = False

    cause: Cause
    found: int
    bound: int
    source: int

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "case", str(self.source)


@dataclass(frozen=True, kw_only=True)
class DecideCase(OperatorCommand):
    """Decide the open `case`; the member reads the `reason`. With `release` the member may spend again."""

    name = "decide_case"
    travels = False

    case: int
    release: bool
    reason: str
    by: str

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "case_decided", str(self.case)


@dataclass(frozen=True, kw_only=True)
class CloseCase(Command):
    """Close the open `case`, about which an answer to an appeal, or a thaw, has decided."""

    name = "close_case"
    travels = False

    case: int
    released: bool
    reason: str
    by: str

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "case_decided", str(self.case)
