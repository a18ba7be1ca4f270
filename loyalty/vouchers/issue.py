"""Issuing a voucher: a redemption row and its code, for any feature that gives vouchers."""

from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.vouchers.codes import voucher_code
from loyalty.vouchers.rows import REDEMPTIONS, VOUCHER_CODES, RedemptionRow, VoucherRow

LATE: Final = timedelta(hours=1)
"""A voucher issued in the last hour of a day is counted from the next one, so that none is void as soon as it is paid for."""


class Voucher(NamedTuple):
    """A voucher to issue. `source` is `redeem`, `draw` or `unlock`, `points` is what the member paid,
    `item` the pool of its pieces.

    The member may cancel it for `cancel_hours`; 0: never.
    """

    source: str
    item: str
    name: str
    terms: str
    valid_days: int
    quantity: int = 1
    points: int = 0
    took_stock: bool = False
    cancel_hours: int = 0


def first_day(wallet: Wallet, scene: Scene[Any]) -> date:
    """The first day of validity of a voucher that is issued now.

    It follows from the instant of posting: a message that was written before midnight and arrives after it buys whole days.
    """
    return scene.live.day(wallet.posted_at + LATE)


def issue(wallet: Wallet, voucher: Voucher, entropy: bytes, line: int, valid_from: date) -> RedemptionRow:
    """Write the `line`-th voucher of the receipt, with a code made from the command's entropy; its row."""
    code = voucher_code(entropy, line)
    wallet.writes.add(VOUCHER_CODES, VoucherRow(code, line))
    row = RedemptionRow(
        line=line, source=voucher.source, item=voucher.item, name=voucher.name, quantity=voucher.quantity,
        took_stock=voucher.took_stock, points=voucher.points, voucher_code=code, terms=voucher.terms,
        expires_on=valid_from + timedelta(days=voucher.valid_days),
        cancellable_until=wallet.posted_at + timedelta(hours=voucher.cancel_hours) if voucher.cancel_hours else None,
    )  # fmt: skip
    wallet.writes.add(REDEMPTIONS, row)
    return row
