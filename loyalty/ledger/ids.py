"""How things are called outside the database: a wheel or a reward by a word, a draw or a redemption by two numbers."""

import re
from typing import Annotated, Final

from pydantic import StringConstraints

_WORD: Final = "[a-z][a-z0-9_]{0,31}"
_TWO_NUMBERS: Final = re.compile("(0|[1-9][0-9]{0,17})-(0|[1-9][0-9]{0,17})")
_INTEGER_END: Final = 2**31
"""The first number that no column of type integer holds."""

Id = Annotated[str, StringConstraints(pattern=f"^{_WORD}$")]


def is_id(text: str) -> bool:
    """Whether a wheel, a prize or a reward can be called so."""
    return re.fullmatch(_WORD, text) is not None


def draw_id(round_id: int, nonce: int) -> str:
    """A draw: the round, and its number among those of its member."""
    return f"{round_id}-{nonce}"


def draw_key(text: str) -> tuple[int, int] | None:
    """Round and number of a draw's id; None for what cannot be one."""
    round_id, nonce = _two_numbers(text)
    return (round_id, nonce) if 0 < round_id < _INTEGER_END and nonce > 0 else None


def redemption_id(receipt_no: int, line: int) -> str:
    """A redemption: the receipt, and its place among the vouchers of that receipt."""
    return f"{receipt_no}-{line}"


def redemption_key(text: str) -> tuple[int, int] | None:
    """Receipt and place of a redemption's id; None for what cannot be one."""
    receipt_no, line = _two_numbers(text)
    return (receipt_no, line) if receipt_no > 0 and 0 <= line < _INTEGER_END else None


def _two_numbers(text: str) -> tuple[int, int]:
    """(-1, -1) for what are not two numbers, each written in the one way there is."""
    found = _TWO_NUMBERS.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else (-1, -1)
