"""The first character of a text as its reader sees it, which may consist of many code points.

Source: Unicode Standard Annex 29, grapheme clusters. This module follows the rules that names need: combining marks and variation
selectors, joined emoji, skin tones, tags, and flags of two letters. The Unicode data are those of the library `regex`.
"""

from typing import Final

import regex

_FIRST: Final = regex.compile(
    r"(?:\p{RI}\p{RI}|.)(?:[\p{M}\u200D\p{Emoji_Modifier}\U000E0020-\U000E007F]|(?<=\u200D).)*", regex.DOTALL
)


def first_grapheme(text: str) -> str:
    """The first grapheme cluster; empty for an empty text."""
    found = _FIRST.match(text)
    return str(found[0]) if found else ""
