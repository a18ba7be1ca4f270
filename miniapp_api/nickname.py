"""Nicknames: what a member may be called in lists that others read.

What does not fit is refused rather than stripped: a name that is quietly changed may turn into somebody else's, and the
member sees at once what to mend.
"""

import re
import unicodedata
from typing import Final

SHOWN: Final = 20
LONGEST: Final = 32

_JOINER = "\u200d"
_BLANKS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_FORBIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_COMBINING: Final = frozenset({"Mn", "Me"})


def clean_nickname(offered: str) -> str:
    """The nickname in NFC, trimmed, with single spaces.

    Raises ValueError (in Chinese) unless it shows 1 to 20 characters and nothing invisible: control, zero-width and
    direction-changing characters are refused, but for the joiner inside an emoji. Combining marks count towards 32
    code points, so that a name cannot tower over its neighbours.
    """
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", offered).strip())
    if any(_hidden(name, place) for place in range(len(name))):
        raise ValueError("昵称里不能有看不见的字符")
    shown = sum(1 for sign in name if sign != _JOINER and unicodedata.category(sign) not in _COMBINING)
    if not 1 <= shown <= SHOWN or len(name) > LONGEST:
        raise ValueError(f"昵称应为 1 到 {SHOWN} 个字")
    return name


def _hidden(name: str, place: int) -> bool:
    sign = name[place]
    if sign == _JOINER:
        return not _joins_emoji(name, place)
    return sign in _BLANKS or unicodedata.category(sign) in _FORBIDDEN


def _joins_emoji(name: str, place: int) -> bool:
    if not 0 < place < len(name) - 1:
        return False
    before = name[place - 1]
    if before == "\ufe0f" and place > 1:
        before = name[place - 2]
    return unicodedata.category(before) in {"So", "Sk"} and unicodedata.category(name[place + 1]) == "So"
