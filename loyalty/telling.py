"""Notices about changes of points: which results are told to their member, and the facts that the notice needs.

One result has one receipt, whose number is the notice's key, so a change is told at most once, and what is not stored is not told.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from loyalty.deductions.outcomes import HoldCaptured
from loyalty.earning.outcomes import EventRecorded, OrderRefunded
from loyalty.engine.feature import Feature, Telling
from loyalty.engine.outcomes import Result
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import NoticeRow
from loyalty.programme.general.change_notice import Change
from loyalty.programme.rules import RuleSet
from loyalty.rewards.outcomes import Redeemed
from loyalty.vouchers.outcomes import VoucherUsed

R = TypeVar("R", bound=Result)
Facts = dict[str, Any] | None


def awarded(event: EventRecorded, rules: RuleSet) -> Facts:
    """An event that brought points."""
    name = next((one.name for one in rules.events if one.id == event.kind), event.kind)
    return {"name": name, "points": event.points, "pending": event.pending} if event.points else None


def refunded(refund: OrderRefunded, _: RuleSet) -> Facts:
    """A refund that took points back."""
    return {"points": refund.points, "debt": refund.debt} if refund.points else None


def redeemed(redeemed: Redeemed, _: RuleSet) -> Facts:
    """A reward that was redeemed."""
    return {"name": redeemed.name, "quantity": redeemed.quantity, "points": redeemed.points}


def used(voucher: VoucherUsed, _: RuleSet) -> Facts:
    """A voucher that a clerk has taken."""
    return {"name": voucher.name, "quantity": voucher.quantity, "points": 0}


def deducted(paid: HoldCaptured, _: RuleSet) -> Facts:
    """Points that paid a part of an order."""
    return {"points": paid.captured, "deduct_fen": paid.deduct_fen} if paid.captured else None


def _told(on: type[R], change: Change, facts_of: Callable[[R, RuleSet], Facts]) -> Telling:
    def tell(wallet: Wallet, result: R, scene: Scene[RuleSet]) -> Iterator[NoticeRow]:
        rule = scene.rule.notices.changes
        facts = facts_of(result, scene.rule) if rule and change in rule.on else None
        if facts is not None:
            payload = {"change": change, "balance": wallet.available, **facts}
            yield NoticeRow("change", str(wallet.receipt_no), payload)

    return Telling(on, tell)


FEATURE: Final = Feature(
    "telling",
    tellings=(
        _told(EventRecorded, "award", awarded),
        _told(OrderRefunded, "refund", refunded),
        _told(Redeemed, "redemption", redeemed),
        _told(VoucherUsed, "voucher_used", used),
        _told(HoldCaptured, "deduction", deducted),
    ),
)
