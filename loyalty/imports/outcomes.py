"""The outcomes of importing a line of balances."""

from dataclasses import dataclass
from datetime import date

from loyalty.engine.outcomes import Refusal, Result
from loyalty.ledger.words import last_day_text


@dataclass(frozen=True)
class BalanceImported(Result):
    """The points were granted, to be gone on `expires_on`, and `growth`. `balance` is the spendable balance after it."""

    code = "balance_imported"
    moves_points = False  # a line may bring growth alone
    points: int
    growth: int
    expires_on: date
    balance: int


@dataclass(frozen=True)
class ImportedTooLate(Refusal):
    """The points of the line have lapsed by now."""

    code = "imported_too_late"
    title = "积分已经到期"
    category = "unprocessable"
    public_fields = ("expires_on",)
    expires_on: date

    @property
    def sentence(self) -> str:
        """The last day of the points."""
        return f"这笔积分的最后可用日是{last_day_text(self.expires_on)}，已经过了。"
