"""The first character of a text as its reader sees it, which may consist of many code points.

Source: Unicode Standard Annex 29, grapheme clusters. This module follows the rules that names need: combining marks and variation
selectors, joined emoji, skin tones, tags, and flags of two letters.
"""

import unicodedata
from typing import Final

_JOINER: Final = "\u200d"
_MARKS: Final = frozenset({"Mn", "Mc", "Me"})
_FLAG_LETTERS: Final = range(0x1F1E6, 0x1F200)
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_TAGS: Final = range(0xE0020, 0xE0080)


def first_grapheme(text: str) -> str:
    """The first grapheme cluster; empty for an empty text."""
    end = min(len(text), 1)
    if len(text) > 1 and _is_flag_letter(text[0]) and _is_flag_letter(text[1]):
        end = 2
    while end < len(text) and (_extends(text[end]) or text[end - 1] == _JOINER):
        end += 1
    return text[:end]


def _is_flag_letter(sign: str) -> bool:
    return ord(sign) in _FLAG_LETTERS


def _extends(sign: str) -> bool:
    code = ord(sign)
    return sign == _JOINER or unicodedata.category(sign) in _MARKS or code in _SKIN_TONES or code in _TAGS
