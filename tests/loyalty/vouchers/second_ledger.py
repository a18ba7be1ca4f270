"""Vouchers in the second ledger: what rewards and games both hand out."""

import hashlib
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from tests.simulation.feature import FeatureLedger, Rows

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class Bought(NamedTuple):
    """A voucher: bought (`paid_from` lots, `pieces` of stock of `item`) or won."""

    source: str
    item: str
    name: str
    quantity: int
    points: int
    code: str
    void_on: date
    paid_from: tuple[tuple[date, int], ...]
    pieces: int
    state: str = "issued"


@dataclass
class Vouchers:
    """A member's vouchers by receipt number and line."""

    bought: dict[tuple[int, int], Bought] = field(default_factory=dict)


def voucher(entropy: bytes, line: int) -> str:
    """Twelve characters of five bits each, lowest first, of SHA-256(entropy ‖ line)."""
    bits = int.from_bytes(hashlib.sha256(entropy + bytes([0, 0, 0, line])).digest()[:8], "big")
    return "".join(ALPHABET[bits // 32**place % 32] for place in range(12))


LEDGER: Final = FeatureLedger(
    rows=(
        Rows(
            "vouchers",
            "SELECT member_id, receipt_no, line, source, item, name, quantity, points, voucher_code, expires_on, took_stock, state"
            " FROM redemption",
            lambda member: (
                (*place, *bought[:7], bought.pieces > 0, bought.state)
                for place, bought in member.of(Vouchers).bought.items()
            ),
        ),
    ),
)
