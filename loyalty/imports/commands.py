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

    `file` is the file's SHA-256 in hex. A line counts once, whoever imports the file again.
    """

    name = "import_balance"

    file: str
    line: int
    points: int
    expires_on: date | None = None

    def __post_init__(self) -> None:
        if self.points < 1:
            raise ValueError(f"a line must bring at least 1 point, not {self.points}")

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return SCOPE, f"{self.file}:{self.line}"
