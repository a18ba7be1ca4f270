"""Putting right an account that stands in the future, because a process booked it while its clock ran ahead.

The engine refuses all other commands for it (AccountAhead). What was booked stays as it is: entries keep their instants, and the
receipt of this command tells the audit why later entries have earlier ones.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final

from typing_extensions import override

from loyalty.engine.feature import Feature
from loyalty.engine.handler import STANDING, Handler
from loyalty.engine.outcomes import Outcome, Result
from loyalty.engine.refusals import NothingDue
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.operations.commands import OperatorCommand
from loyalty.operations.decide import note_operation


@dataclass(frozen=True, kw_only=True)
class SettleClock(OperatorCommand):
    """Bring the account's last instant back to now; `reason` is what the operator writes into the record."""

    name = "settle_clock"
    optional: ClassVar[tuple[str, ...]] = (*OperatorCommand.optional, "by")

    reason: str
    by: str | None = None

    @override
    def fact(self, day: date) -> tuple[str, str]:
        return "settle_clock", self.request_key


@dataclass(frozen=True)
class ClockSettled(Result):
    """The account stood at `stood_at`, which was in the future."""

    code = "clock_settled"
    moves_points = False
    stood_at: datetime
    reason: str


def decide(wallet: Wallet, command: SettleClock, _: Scene[object]) -> Outcome:
    """The engine has set the wallet to now. An account that does not stand in the future is left alone."""
    if wallet.loaded.posted_at <= wallet.posted_at:
        return NothingDue()
    before = {"stood_at": wallet.loaded.posted_at.isoformat()}
    note_operation(wallet, command, "settle_clock", by=command.by, reason=command.reason, before=before)
    return ClockSettled(wallet.loaded.posted_at, command.reason)


FEATURE: Final = Feature(
    "settling",
    handlers=(Handler(SettleClock, decide, gives=ClockSettled, settles_clock=True, statuses=STANDING),),
    outcomes=(ClockSettled,),
)
