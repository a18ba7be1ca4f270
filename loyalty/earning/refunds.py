"""What a refund takes back: the difference between what an order has earned and what is due for the amount that stays paid.

So the state does not depend on how a refund is split, nor on whether it arrives before its order.
"""

import json
from dataclasses import dataclass
from typing import Any

from loyalty.earning.meters import order_meters
from loyalty.earning.positions import free_position
from loyalty.earning.rows import StoredPurchase
from loyalty.earning.terms import due, terms_of
from loyalty.ledger.lots import LotKey
from loyalty.ledger.reversal import Reversal, reverse
from loyalty.ledger.wallet import Wallet


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
