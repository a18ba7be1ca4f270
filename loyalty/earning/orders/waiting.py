"""Refunds that were reported before their order: each is applied to it as soon as both are in one member's account."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from loyalty.earning.orders.refunds import TakenBack, take_back
from loyalty.earning.rows import SETTLE_REFUNDS, SettledRow, StoredPurchase, WaitingRefund
from loyalty.ledger.wallet import Wallet


def order_meant(
    refund_of: str, store: str | None, amount_fen: int, orders: Sequence[StoredPurchase]
) -> StoredPurchase | None:
    """The order that a refund names by its number, before one named by the id of its event, and one of which enough is left
    before others. An order without a store is meant by a refund of any store; `store` is None for a refund that names none.
    """
    here = [one for one in orders if refund_of in (one.order_no, one.event)]
    here = [one for one in here if store is None or one.store in ("", store)]
    numbered = [one for one in here if one.order_no == refund_of] or here
    enough = [one for one in numbered if one.left_fen >= amount_fen] or numbered
    return enough[0] if enough else None


def apply_waiting(
    wallet: Wallet, orders: Iterable[StoredPurchase], waiting: Sequence[WaitingRefund], most_debt: int
) -> list[TakenBack]:
    """Apply each waiting refund whose order is among these, or refuse it if it is larger than what is left of the order."""
    standing = {(one.store, one.order_no, one.receipt_no): one for one in orders}
    taken: list[TakenBack] = []
    for refund in waiting:
        order = order_meant(
            refund.refund_of, refund.store or None, refund.amount_fen, list(standing.values())
        )
        if order is None:
            continue
        if refund.amount_fen > order.left_fen:
            wallet.writes.change(SETTLE_REFUNDS, settled(refund, "refused", wallet.posted_at))
            continue
        taken.append(take_back(wallet, order, refund.amount_fen, most_debt))
        standing[order.store, order.order_no, order.receipt_no] = taken[-1].purchase
        wallet.writes.change(SETTLE_REFUNDS, settled(refund, "applied", wallet.posted_at, order))
    return taken


def settled(
    refund: WaitingRefund, state: str, at: datetime, order: StoredPurchase | None = None
) -> SettledRow:
    """The row of a refund that waits no longer."""
    key = (order.store, order.order_no, order.receipt_no) if order else (None, None, None)
    return SettledRow(refund.receipt_no, refund.source, refund.event, state, at, *key)
