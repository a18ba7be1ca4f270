"""Vouchers, described to the engine: the tables that rewards and games share, and the checks of their rows."""

from pathlib import Path
from typing import Final

from loyalty.engine.feature import Feature
from loyalty.vouchers.audit import CHECKS
from loyalty.vouchers.rows import CANCEL_REDEMPTIONS, REDEMPTIONS, VOUCHER_CODES

FEATURE: Final = Feature(
    "vouchers",
    tables=(REDEMPTIONS, VOUCHER_CODES),
    updates=(CANCEL_REDEMPTIONS,),
    checks=CHECKS,
    taken="SELECT item, sum(quantity) AS pieces FROM redemption WHERE took_stock AND state <> 'cancelled' GROUP BY item",
    schema=Path(__file__).with_name("schema.yaml"),
)
