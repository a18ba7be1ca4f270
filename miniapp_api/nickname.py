"""Nicknames: which names members may show to others.

A name that breaks a rule is refused and not repaired: a repaired name may equal another member's, and a refusal tells the member
what to change.
"""

import re
import unicodedata
from typing import Final

MAX_CHARACTERS: Final = 20
MAX_CODE_POINTS: Final = 32

_JOINER = "\u200d"
_BLANKS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_FORBIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_COMBINING: Final = frozenset({"Mn", "Me"})


def clean_nickname(offered: str) -> str:
    """The nickname in NFC, trimmed, with single spaces.

    Raises ValueError (in Chinese) unless it has 1 to 20 visible characters and no invisible ones: control, zero-width and
    direction-changing characters are refused, except the joiner inside an emoji. Combining marks count only towards the limit of
    32 code points, which keeps stacks of them from covering the lines above and below.
    """
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", offered).strip())
    if any(_invisible(name, index) for index in range(len(name))):
        raise ValueError("昵称里不能有看不见的字符")
    visible = sum(1 for char in name if char != _JOINER and unicodedata.category(char) not in _COMBINING)
    if not 1 <= visible <= MAX_CHARACTERS or len(name) > MAX_CODE_POINTS:
        raise ValueError(f"昵称应为 1 到 {MAX_CHARACTERS} 个字")
    return name


def _invisible(name: str, index: int) -> bool:
    char = name[index]
    if char == _JOINER:
        return not _joins_emoji(name, index)
    return char in _BLANKS or unicodedata.category(char) in _FORBIDDEN


def _joins_emoji(name: str, index: int) -> bool:
    if not 0 < index < len(name) - 1:
        return False
    before = name[index - 1]
    if before == "\ufe0f" and index > 1:
        before = name[index - 2]
    return unicodedata.category(before) in {"So", "Sk"} and unicodedata.category(name[index + 1]) == "So"
