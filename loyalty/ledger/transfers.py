"""Points, growth and debts that move from one member to another when the two are merged, and back when they are split.

Each function changes one side: the member who gives is called with negative points, the member who gets with positive ones.
"""

from datetime import date
from typing import Any

from loyalty.ledger.lots import Lot, LotKey
from loyalty.ledger.wallet import Wallet


def transfer(
    wallet: Wallet, key: LotKey, points: int, reason: str, detail: dict[str, Any], *, spent: bool = False
) -> None:
    """Add points that another member had in a lot of that key, with their growth; take them away if `points` is negative.

    `spent` points have paid for something that moves along, so that they can be restored. Call `book` after the last transfer.
    """
    lot = wallet.lots.setdefault(key, Lot(key, opened=key.opens_on <= wallet.today))
    lot.granted += points
    wallet.account.growth += points
    wallet.writes.lot_uses["moved_in" if points > 0 else "moved_out", key] += abs(points)
    if spent:
        lot.spent += points
        wallet.writes.lot_uses["spent" if points > 0 else "restored", key] += abs(points)
        _move(wallet, "issued", "spent", points, reason, detail)
    else:
        lot.remaining += points
        bucket = "available" if lot.opened else "pending"
        _move(wallet, "issued", bucket, points, reason, detail, key.expires_on)


def transfer_growth(wallet: Wallet, points: int, reason: str, detail: dict[str, Any]) -> None:
    """Add the growth of points that another member has used up; take it away if `points` is negative."""
    wallet.account.growth += points
    _move(wallet, "issued", "adjusted", points, reason, detail)


def transfer_debt(wallet: Wallet, points: int, reason: str, detail: dict[str, Any]) -> None:
    """Add points that another member owes; take them away if `points` is negative."""
    _move(wallet, "debt", "adjusted", points, reason, detail)


def _move(
    wallet: Wallet,
    src: str,
    dst: str,
    points: int,
    reason: str,
    detail: dict[str, Any],
    expires_on: date | None = None,
) -> None:
    if points > 0:
        wallet.move(src, dst, points, reason, detail, expires_on)
    if points < 0:
        wallet.move(dst, src, -points, reason, detail, expires_on)
