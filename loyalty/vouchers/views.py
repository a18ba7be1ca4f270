"""Finding the redemption that a voucher code stands for."""

import unicodedata
from typing import NamedTuple

from models.features import VoucherCode


class VoucherKey(NamedTuple):
    """The redemption of a voucher: its member, and its receipt number and line within the member."""

    member_id: int
    receipt_no: int
    line: int


async def voucher_of_code(code: str) -> VoucherKey | None:
    """The redemption that a code stands for, however it was typed; None for an unknown code."""
    row = await VoucherCode.get_or_none(code=tidy_code(code))
    return VoucherKey(row.member_id, row.receipt_no, row.line) if row else None


def tidy_code(typed: str) -> str:
    """A code as it is stored: in half-width capitals, without the blanks and hyphens with which people group letters."""
    folded = unicodedata.normalize("NFKC", typed).upper()
    return "".join(char for char in folded if not char.isspace() and char != "-")
