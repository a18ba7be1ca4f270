"""Positions among a member's orders that rules reward, such as the fifth order: each pays once.

Refunds lower the number of orders, so that a later order can have the number of an earlier one whose award stands. The meter
REWARDED keeps the highest number that was rewarded. It falls back when that very order is refunded in full, and its award with it.
"""

from collections.abc import Mapping
from typing import Any, Final

from loyalty.earning.orders.meters import REWARDED
from loyalty.ledger.wallet import Wallet

POSITION: Final = "position"
"""The item of an order's stored terms with the position that it was rewarded for, and the highest one rewarded before."""


def take_position(wallet: Wallet, number: int) -> dict[str, Any]:
    """Count an order's number as rewarded; what its stored terms say of it."""
    before = _highest(wallet)
    wallet.count(REWARDED, number - before)
    return {POSITION: [number, before]}


def free_position(wallet: Wallet, terms: Mapping[str, Any]) -> None:
    """Let another order have the position of one that is refunded in full, if no higher one was rewarded since."""
    number, before = terms.get(POSITION, (0, 0))
    if number and _highest(wallet) == number:
        wallet.count(REWARDED, before - number)


def _highest(wallet: Wallet) -> int:
    return (wallet.meters.get(REWARDED) or 0) + wallet.writes.meters.get(REWARDED, 0)
