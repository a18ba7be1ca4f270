"""Points, growth and debts that move from one member to another when the two are merged, and back when they are split.

Each function changes one side: the member who gives is called with negative points, the member who gets with positive ones.
"""

from datetime import date
from typing import Any, Final, Literal

from loyalty.ledger.lots import Lot, LotKey
from loyalty.ledger.wallet import Wallet


def transfer(
    wallet: Wallet,
    key: LotKey,
    points: int,
    reason: str,
    detail: dict[str, Any],
    *,
    of: Literal["remaining", "spent", "expired"] = "remaining",
) -> None:
    """Add points that another member had in a lot of that key, with their growth; take them away if `points` is negative.

    `of` says of which quantity of the lot they are. Those that were `spent` have paid for something that moves along, so that they
    can be restored; those that have `expired` were earned by an order that moves along, so that a refund can give them back.
    Call `book` after the last transfer.
    """
    lot = wallet.lots.setdefault(key, Lot(key, opened=key.opens_on <= wallet.today))
    lot.granted += points
    wallet.account.growth += points
    wallet.writes.lot_uses["moved_in" if points > 0 else "moved_out", key] += abs(points)
    if of != "remaining":
        setattr(lot, of, getattr(lot, of) + points)
        wallet.writes.lot_uses[of if points > 0 else _BACK[of], key] += abs(points)
        _move(wallet, "issued", of, points, reason, detail)
    else:
        lot.remaining += points
        bucket = "available" if lot.opened else "pending"
        _move(wallet, "issued", bucket, points, reason, detail, key.expires_on)


_BACK: Final = {"spent": "restored", "expired": "unexpired"}


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
