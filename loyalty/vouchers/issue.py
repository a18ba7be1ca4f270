"""Issuing a voucher: a redemption row and its code, whichever feature gives it."""

from datetime import date, timedelta
from typing import NamedTuple

from loyalty.ledger.wallet import Wallet
from loyalty.vouchers.codes import voucher_code
from loyalty.vouchers.rows import REDEMPTIONS, VOUCHER_CODES, RedemptionRow, VoucherRow


class Voucher(NamedTuple):
    """What a voucher is for. `source` is `redeem` or `draw`, `points` what was paid, `item` the pool it belongs to."""

    source: str
    item: str
    name: str
    terms: str
    valid_days: int
    quantity: int = 1
    points: int = 0
    took_stock: bool = False

    def void_on(self, day: date) -> date:
        """The first day it is void when issued on `day`."""
        return day + timedelta(days=self.valid_days)


def issue(wallet: Wallet, voucher: Voucher, entropy: bytes, line: int, day: date) -> str:
    """Write the `line`-th voucher of the receipt, valid from business day `day` on; its code, made of the command's entropy."""
    code = voucher_code(entropy, line)
    wallet.writes.add(VOUCHER_CODES, VoucherRow(code, line))
    row = RedemptionRow(
        line=line, source=voucher.source, item=voucher.item, name=voucher.name, quantity=voucher.quantity,
        took_stock=voucher.took_stock, points=voucher.points, voucher_code=code, terms=voucher.terms,
        expires_on=voucher.void_on(day),
    )  # fmt: skip
    wallet.writes.add(REDEMPTIONS, row)
    return code
