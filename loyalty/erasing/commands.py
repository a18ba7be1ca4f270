"""The command that erases a member."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.operations.commands import OperatorCommand


@dataclass(frozen=True, kw_only=True)
class EraseMember(OperatorCommand):
    """Erase what tells who the member is, and close the account. With `forfeit` points and unused vouchers are given up.

    The `reason` stays in the receipt for ever, so it names nobody.
    """

    name = "erase_member"

    reason: str
    by: str
    forfeit: bool = False

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "erase", self.request_key
