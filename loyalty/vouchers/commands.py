"""The command of a clerk who takes a voucher."""

from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from loyalty.ledger.ids import redemption_id
from loyalty.operations.commands import OperatorCommand

CLERK = "clerk"
"""The actor of commands that staff give in the shop; such a command is no visit of the member's."""


@dataclass(frozen=True, kw_only=True)
class UseVoucher(OperatorCommand):
    """Take the voucher of a redemption for what it stands for, once. `by` is the clerk's name, `store` the shop's id, if known."""

    name = "use_voucher"
    travels = False

    receipt_no: int
    line: int
    by: str
    store: str | None = None
    actor: str = CLERK

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "use", redemption_id(self.receipt_no, self.line)
