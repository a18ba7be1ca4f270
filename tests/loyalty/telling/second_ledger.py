"""Notices about changes of points, in the second ledger: one per receipt of the kinds that the rules name."""

from typing import Any, Final

from loyalty.deductions.outcomes import HoldCaptured
from loyalty.earning.outcomes import EventRecorded, OrderRefunded
from loyalty.rewards.outcomes import Redeemed
from loyalty.vouchers.outcomes import VoucherUsed
from tests.simulation.feature import FeatureLedger, Reaction
from tests.simulation.prediction import Prediction
from tests.simulation.second_ledger import Member


def _told(kind: str, moved: str = "") -> Reaction:
    """A change of this kind is told; of those that name the points that they `moved`, only if there are any."""

    def tell(member: Member, made: Prediction) -> None:
        assert made.scene is not None
        outcome: Any = made.outcome
        rule = made.scene.version.rules.notices.changes
        if rule is not None and kind in rule.on and (not moved or getattr(outcome, moved)):
            made.tells.append(("change", str(member.version + 1)))

    return tell


LEDGER: Final = FeatureLedger(
    tellings=(
        (EventRecorded, _told("award", "points")),
        (OrderRefunded, _told("refund", "points")),
        (Redeemed, _told("redemption")),
        (VoucherUsed, _told("voucher_used")),
        (HoldCaptured, _told("deduction", "captured")),
    )
)
