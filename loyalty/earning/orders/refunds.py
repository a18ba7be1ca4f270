"""What a refund takes back: the difference between what an order has earned and what is due for the amount that stays paid.

So the state does not depend on how a refund is split, nor on whether it arrives before its order.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from loyalty.earning.orders.meters import order_meters
from loyalty.earning.orders.positions import free_position
from loyalty.earning.rows import PURCHASES, REFUNDS, RefundedRow, StoredPurchase
from loyalty.earning.terms import due, terms_of
from loyalty.ledger.lots import LotKey
from loyalty.ledger.reversal import Reversal, reverse
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import StoredRows, Update

REFUND = """
UPDATE purchase p SET refunded_fen = u.refunded_fen, reversed = u.reversed
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
    AS u(member_id, store, order_no, receipt_no, refunded_fen, reversed)
WHERE p.member_id = u.member_id AND p.store = u.store AND p.order_no = u.order_no AND p.receipt_no = u.receipt_no
"""


@dataclass(frozen=True)
class TakenBack:
    """An order after a refund, and what was taken back: points with their sources, and growth."""

    purchase: StoredPurchase
    reversal: Reversal
    growth: int


def take_back(wallet: Wallet, order: StoredPurchase, amount_fen: int, most_debt: int) -> TakenBack:
    """Take back what `amount_fen` of the order earned; `amount_fen` is at most what is left of it."""
    told = json.loads(order.terms)
    terms = terms_of(told)
    before, after = due(terms, order.left_fen), due(terms, order.left_fen - amount_fen)
    shares: dict[LotKey, int] = {}
    for group, had, keeps in zip(terms.groups, before.points, after.points, strict=True):
        if had > keeps:
            key = LotKey(group.expires_on, group.opens_on, 0)
            shares[key] = shares.get(key, 0) + had - keeps
    detail: dict[str, Any] = {
        "order": order.order_no, "amount_fen": amount_fen, "paid_fen": order.amount_fen,
    }  # fmt: skip
    if order.store:
        detail["store"] = order.store
    reversal = reverse(wallet, shares.items(), "refund", detail, most_debt=most_debt)
    wallet.grow(after.growth - before.growth, "refund")
    refunded = order._replace(
        refunded_fen=order.refunded_fen + amount_fen, reversed=order.reversed + sum(shares.values())
    )
    _uncount(wallet, order, amount_fen, full=not refunded.left_fen)
    if not refunded.left_fen:
        free_position(wallet, told)
    return TakenBack(refunded, reversal, before.growth - after.growth)


def _uncount(wallet: Wallet, order: StoredPurchase, amount_fen: int, *, full: bool) -> None:
    meters = order_meters(order.day)
    for key in meters.spent:
        wallet.uncount(key, amount_fen)
    if full:
        for key in meters.orders:
            wallet.uncount(key)


def keep_refunded(wallet: Wallet, order: StoredPurchase) -> None:
    """Store an order after its refunds, once a command."""
    row = RefundedRow(order.store, order.order_no, order.receipt_no, order.refunded_fen, order.reversed)
    wallet.writes.change(REFUND_PURCHASES, row)


def _earlier(row: Mapping[str, Any], rows: StoredRows, no: int, at: datetime) -> Mapping[str, Any]:
    """What was refunded of an order before a receipt, and the points that had been taken back for it."""
    key = (row["store"], row["order_no"], row["receipt_no"])
    later = sum(
        one["amount_fen"]
        for one in rows.get(REFUNDS, ())
        if (one["order_store"], one["order_no"], one["order_receipt_no"]) == key
        and (one["receipt_no"] >= no or (one["settled_at"] is not None and one["settled_at"] >= at))
    )
    refunded = row["refunded_fen"] - later
    kept = due(terms_of(json.loads(row["terms"])), row["amount_fen"] - refunded).points
    return {"refunded_fen": refunded, "reversed": row["granted"] - sum(kept)}


REFUND_PURCHASES: Final = Update(REFUND, RefundedRow, table=PURCHASES, earlier=_earlier)
