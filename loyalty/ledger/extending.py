"""Putting off the day on which points lapse, once, and bringing back what has lapsed.

The points move to a lot whose key says by how many days their lapse was put off, so that a refund or a split finds them there.
"""

from datetime import date
from typing import Any

from loyalty.ledger.calendar import AT_ONCE
from loyalty.ledger.lots import ORDINARY, Lot, LotKey
from loyalty.ledger.wallet import Wallet


def to_extend(wallet: Wallet, gone_on: date, *, lapsed: bool = False) -> int:
    """Points that `extend` would put off, or those that `revive` would if they have lapsed."""
    return sum(lot.expired if lapsed else lot.remaining for lot in _of_day(wallet, gone_on))


def extend(wallet: Wallet, gone_on: date, to: date) -> int:
    """Make what remains in the lots that lapse on `gone_on` lapse on `to`, once; how many points. No bucket changes."""
    return sum(_put_off(wallet, lot, lot.remaining, to) for lot in _of_day(wallet, gone_on))


def revive(wallet: Wallet, gone_on: date, to: date, reason: str, detail: dict[str, Any]) -> int:
    """Bring back what lapsed on `gone_on` until it lapses on `to`, once; how many points. They repay debt first."""
    total = 0
    for lot in _of_day(wallet, gone_on):
        if amount := lot.expired:
            wallet.shift([(lot, amount)], "expired", "remaining", "unexpired")
            total += _put_off(wallet, lot, amount, to)
    wallet.move("expired", "available", total, reason, detail, to)
    wallet.settle()
    return total


def _of_day(wallet: Wallet, gone_on: date) -> list[Lot]:
    """The opened lots that lapse on a day and were not extended before."""
    return [
        lot
        for lot in wallet.in_order()
        if lot.opened and lot.key.expires_on == gone_on and lot.key.terms == ORDINARY
    ]


def _put_off(wallet: Wallet, lot: Lot, points: int, to: date) -> int:
    if points:
        wallet.hand_over(lot, LotKey(to, AT_ONCE, (to - lot.key.expires_on).days), points, "extended")
    return points
