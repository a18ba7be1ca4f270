"""The state of a voucher on a business day."""

from datetime import date
from typing import Literal

RedemptionState = Literal["issued", "used", "cancelled", "expired"]


def redemption_state(stored: str, expires_on: date, today: date) -> RedemptionState:
    """The state on a business day: an unused voucher has expired from the beginning of `expires_on`.

    Raises ValueError for an unknown stored state.
    """
    match stored:
        case "issued":
            return "expired" if today >= expires_on else "issued"
        case "used":
            return "used"
        case "cancelled":
            return "cancelled"
    raise ValueError(f"unknown redemption state {stored}")
