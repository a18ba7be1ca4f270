"""Vouchers, described to the engine: the tables that rewards and games share, and the checks of their rows."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.engine.handler import Handler
from loyalty.engine.kept import Kept, named
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
from loyalty.vouchers.outcomes import UnknownVoucher, VoucherCodeExpired, VoucherNotUsable, VoucherUsed
from loyalty.vouchers.rows import CANCEL_REDEMPTIONS, REDEMPTION, REDEMPTIONS, USE_VOUCHERS, VOUCHER_CODES

KEPT: Final = Kept(
    table="redemption", title="兑换和券", why="让你用券、取消兑换，让店员核销", key=("receipt_no", "line"),
    columns={
        "created_at": "时间", "name": "名称", "quantity": "数量", "points": "花的积分", "state": "状态", "source": "来源",
        "expires_on": "失效日", "terms": "使用说明", "closed_at": "用掉或取消的时间", "store": "核销门店",
    },
    shown={
        "state": named({"issued": "没有用", "used": "用掉了", "cancelled": "取消了", "moved": "转给了合并后的会员"}),
        "source": named({"redeem": "兑换", "draw": "抽奖"}),
    },
)  # fmt: skip

FEATURE: Final = Feature(
    "vouchers",
    tables=(REDEMPTIONS, VOUCHER_CODES),
    handlers=(
        Handler(UseVoucher, decide_use, gives=VoucherUsed, reads=(REDEMPTION,), explains_repeats=True),
        Handler(CarryVoucher, decide_carry, gives=VoucherCarried, lots=LOTS),
        Handler(ReturnVoucher, decide_carry, gives=VoucherReturned, lots=LOTS),
    ),
    outcomes=(
        VoucherUsed,
        VoucherNotUsable,
        VoucherCodeExpired,
        UnknownVoucher,
        VoucherCarried,
        VoucherReturned,
    ),
    updates=(CANCEL_REDEMPTIONS, USE_VOUCHERS, MOVE_REDEMPTIONS, POINT_CODES),
    carry=CARRY,
    words=SENTENCES,
    checks=CHECKS,
    taken="""
        SELECT item, sum(quantity) AS pieces FROM redemption WHERE took_stock AND state NOT IN ('cancelled', 'moved') GROUP BY item
        """,
    schema=Path(__file__).with_name("schema.yaml"),
    kept=(KEPT,),
)
