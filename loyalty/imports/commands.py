"""The command that books one line of a file of balances."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from typing_extensions import override

from loyalty.engine.command import Command

SCOPE: Final = "import"
"""The scope of facts that come from files; their refs are `<SHA-256 of the file>:<line>`."""


@dataclass(frozen=True, kw_only=True)
class ImportBalance(Command):
    """Grant the `points` of a line, which lapse on `expires_on`, or by the rule of expiry if it is None.

    `growth` is what the line adds to the growth value, None for as much as its points.
    `file` is the file's SHA-256 in hex. A line counts once, whoever imports the file again.
    """

    name = "import_balance"
    optional = ("growth",)

    file: str
    line: int
    points: int
    expires_on: date | None = None
    growth: int | None = None

    def __post_init__(self) -> None:
        if min(self.points, self.growth or 0) < 0 or not (self.points or self.growth):
            raise ValueError(f"a line must bring points or growth, not {self.points} and {self.growth}")

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return SCOPE, f"{self.file}:{self.line}"
