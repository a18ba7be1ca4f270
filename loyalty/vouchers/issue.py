"""Issuing a voucher: a redemption row and its code, for any feature that gives vouchers."""

from datetime import date, timedelta
from typing import NamedTuple

from loyalty.ledger.wallet import Wallet
from loyalty.vouchers.codes import voucher_code
from loyalty.vouchers.rows import REDEMPTIONS, VOUCHER_CODES, RedemptionRow, VoucherRow


class Voucher(NamedTuple):
    """A voucher to issue. `source` is `redeem` or `draw`, `points` is what the member paid, `item` the pool of its pieces."""

    source: str
    item: str
    name: str
    terms: str
    valid_days: int
    quantity: int = 1
    points: int = 0
    took_stock: bool = False

    def void_on(self, day: date) -> date:
        """The first day on which it is void, if it is issued on `day`."""
        return day + timedelta(days=self.valid_days)


def issue(wallet: Wallet, voucher: Voucher, entropy: bytes, line: int, day: date) -> str:
    """Write the `line`-th voucher of the receipt, issued on business day `day`; its code, made from the command's entropy."""
    code = voucher_code(entropy, line)
    wallet.writes.add(VOUCHER_CODES, VoucherRow(code, line))
    row = RedemptionRow(
        line=line, source=voucher.source, item=voucher.item, name=voucher.name, quantity=voucher.quantity,
        took_stock=voucher.took_stock, points=voucher.points, voucher_code=code, terms=voucher.terms,
        expires_on=voucher.void_on(day),
    )  # fmt: skip
    wallet.writes.add(REDEMPTIONS, row)
    return code
