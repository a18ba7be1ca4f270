"""The command that answers an appeal."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.operations.commands import OperatorCommand


@dataclass(frozen=True, kw_only=True)
class AnswerAppeal(OperatorCommand):
    """Answer the open appeal of this id; the member reads the `reason`. With `release` the account is opened again."""

    name = "answer_appeal"

    appeal: str
    reason: str
    release: bool
    by: str

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "appeal", self.appeal
