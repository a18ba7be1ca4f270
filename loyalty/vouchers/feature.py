"""Vouchers, described to the engine: the tables that rewards and games share, and the checks of their rows."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.vouchers.audit import CHECKS
from loyalty.vouchers.carry import (
    CARRY,
    LOTS,
    MOVE_REDEMPTIONS,
    POINT_CODES,
    SENTENCES,
    CarryVoucher,
    ReturnVoucher,
    VoucherCarried,
    VoucherReturned,
    decide_carry,
)
from loyalty.vouchers.commands import UseVoucher
from loyalty.vouchers.decide import decide_use
from loyalty.vouchers.outcomes import UnknownVoucher, VoucherNotUsable, VoucherUsed
from loyalty.vouchers.rows import CANCEL_REDEMPTIONS, REDEMPTION, REDEMPTIONS, USE_VOUCHERS, VOUCHER_CODES

FEATURE: Final = Feature(
    "vouchers",
    tables=(REDEMPTIONS, VOUCHER_CODES),
    handlers=(
        Handler(UseVoucher, decide_use, gives=VoucherUsed, reads=(REDEMPTION,), explains_repeats=True),
        Handler(CarryVoucher, decide_carry, gives=VoucherCarried, lots=LOTS),
        Handler(ReturnVoucher, decide_carry, gives=VoucherReturned, lots=LOTS),
    ),
    outcomes=(VoucherUsed, VoucherNotUsable, UnknownVoucher, VoucherCarried, VoucherReturned),
    updates=(CANCEL_REDEMPTIONS, USE_VOUCHERS, MOVE_REDEMPTIONS, POINT_CODES),
    carry=CARRY,
    words=SENTENCES,
    checks=CHECKS,
    taken="""
        SELECT item, sum(quantity) AS pieces FROM redemption WHERE took_stock AND state NOT IN ('cancelled', 'moved') GROUP BY item
        """,
    schema=Path(__file__).with_name("schema.yaml"),
)
