"""Taking back granted points after a refund, from where they are now."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from loyalty.ledger.lots import LotKey, lots_of
from loyalty.ledger.wallet import Wallet


class Reversal(NamedTuple):
    """Where reversed points were taken from. `unrecovered` were not reversed, because the debt would have passed its limit."""

    pending: int
    available: int
    expired: int
    debt: int
    unrecovered: int

    @property
    def points(self) -> int:
        """All points that were reversed."""
        return self.pending + self.available + self.expired + self.debt


def reverse(
    wallet: Wallet,
    shares: Iterable[tuple[LotKey, int]],
    reason: str,
    detail: dict[str, Any],
    *,
    most_debt: int,
) -> Reversal:
    """Take back granted points. `shares` has how many of them were granted into each lot, by the key of their grant.

    Pending points go first, then what is left in the lots they were granted into or moved to by an extension, then what has
    lapsed there, which counts as given back, then points of any other lot by earliest expiry, then debt until the account owes
    `most_debt`. Growth stays.
    """
    left = dict(shares)

    def post(bucket: str, amount: int) -> int:
        if amount:
            wallet.move(bucket, "reversed", amount, reason, detail)
        return amount

    pending = post("pending", _take_remaining(wallet, left, opened=False))
    own = post("available", _take_remaining(wallet, left, opened=True))
    expired = post("expired", _take_expired(wallet, left))
    rest = sum(left.values())
    other = min(rest, wallet.available)
    post("available", wallet.shift(wallet.plan(other), "remaining", "reversed", "reversed"))
    debt = post("debt", min(rest - other, max(most_debt - wallet.account.debt, 0)))
    return Reversal(pending, own + other, expired, debt, rest - other - debt)


def _take_remaining(wallet: Wallet, left: dict[LotKey, int], *, opened: bool) -> int:
    total = 0
    for key in sorted(left):
        for lot in lots_of(wallet.lots, key):
            amount = min(lot.remaining, left[key])
            if lot.opened == opened and amount:
                left[key] -= amount
                total += wallet.shift([(lot, amount)], "remaining", "reversed", "reversed")
    return total


def _take_expired(wallet: Wallet, left: dict[LotKey, int]) -> int:
    total = 0
    for key in sorted(left):
        for lot in lots_of(wallet.lots, key):
            if amount := min(lot.expired, left[key]):
                left[key] -= amount
                wallet.shift([(lot, amount)], "expired", "remaining", "unexpired")
                total += wallet.shift([(lot, amount)], "remaining", "reversed", "reversed")
    return total
