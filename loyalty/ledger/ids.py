"""Public ids: a word for a wheel, a prize or a reward, two numbers for a draw or a redemption."""

import re
from typing import Annotated, Final

from pydantic import StringConstraints

_WORD: Final = "[a-z][a-z0-9_]{0,31}"
_TWO_NUMBERS: Final = re.compile("(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})")
_INTEGER_END: Final = 2**31
"""The first number that no column of type integer holds."""

Id = Annotated[str, StringConstraints(pattern=f"^{_WORD}$")]


def is_id(text: str) -> bool:
    """Whether this can be the id of a wheel, a prize or a reward."""
    return re.fullmatch(_WORD, text) is not None


def draw_id(round_id: int, nonce: int) -> str:
    """A draw's id within its member: the round, and the draw's number in it."""
    return f"{round_id}-{nonce}"


def draw_key(text: str) -> tuple[int, int] | None:
    """The round and the number in a draw's id; None if the text cannot be one."""
    round_id, nonce = _two_numbers(text)
    return (round_id, nonce) if 0 < round_id < _INTEGER_END and nonce > 0 else None


def redemption_id(receipt_no: int, line: int) -> str:
    """A redemption's id within its member: the receipt, and the voucher's line in it."""
    return f"{receipt_no}-{line}"


def redemption_key(text: str) -> tuple[int, int] | None:
    """The receipt and the line in a redemption's id; None if the text cannot be one."""
    receipt_no, line = _two_numbers(text)
    return (receipt_no, line) if receipt_no > 0 and 0 <= line < _INTEGER_END else None


def deduction_id(member_id: int, hold: int) -> str:
    """The id of a hold for tills, which know no member by it: the member, and the number of the hold within the member."""
    return f"{member_id}-{hold}"


def deduction_key(text: str) -> tuple[int, int] | None:
    """The member and the number in a deduction's id; None if the text cannot be one."""
    member_id, hold = _two_numbers(text)
    return (member_id, hold) if member_id > 0 and hold > 0 else None


def _two_numbers(text: str) -> tuple[int, int]:
    """The two numbers, or (-1, -1); a number with leading zeros is refused, so that an object has only one id."""
    found = _TWO_NUMBERS.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else (-1, -1)
