"""Held points: set aside for an order, and then spent or returned."""

from collections.abc import Iterable
from typing import Any

from loyalty.ledger.lots import LotShare
from loyalty.ledger.wallet import Wallet


def hold(wallet: Wallet, points: int, reason: str, detail: dict[str, Any]) -> None:
    """Set points aside, earliest expiry first. Raises ValueError when fewer are available, which `decide` must check before."""
    wallet.shift(wallet.plan(points), "remaining", "held", "held")
    wallet.move("available", "held", points, reason, detail)


def capture(wallet: Wallet, uses: Iterable[LotShare], reason: str, detail: dict[str, Any]) -> None:
    """Spend held points, also those of lots that have expired since they were set aside."""
    total = wallet.shift(wallet.shares(uses), "held", "spent", "captured")
    wallet.move("held", "spent", total, reason, detail)


def release(wallet: Wallet, uses: Iterable[LotShare], reason: str, detail: dict[str, Any]) -> int:
    """Return held points to the lots they came from. Points of lots that have expired since lapse; returns how many."""
    total = wallet.shift(wallet.shares(uses), "held", "remaining", "released")
    wallet.move("held", "available", total, reason, detail)
    return wallet.settle()
