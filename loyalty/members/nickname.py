"""Nicknames: which characters a name may have that members show to others.

A name that breaks a rule is refused and not repaired: a repaired name may equal another member's, and a refusal tells the member
what to change.
"""

import unicodedata
from typing import Final

from loyalty.ledger.visible import Unseen, visible_characters

MAX_CHARACTERS: Final = 20
MAX_CODE_POINTS: Final = 32


def clean_nickname(offered: str) -> str:
    """Return the nickname in NFC, trimmed, with single spaces.

    Raises ValueError (in Chinese) unless it has 1 to 20 visible characters and no invisible ones: control, zero-width and
    direction-changing characters are refused, except joiners between letters and inside an emoji, one variation selector per
    character, and the tags of a flag. At most four marks stand on one character.
    """
    name = " ".join(unicodedata.normalize("NFC", offered).split())
    characters = _characters(name)
    if not 1 <= len(characters) <= MAX_CHARACTERS or len(name) > MAX_CODE_POINTS:
        raise ValueError(f"昵称应为 1 到 {MAX_CHARACTERS} 个字")
    return name


def _characters(name: str) -> list[str]:
    """The visible characters. Raises ValueError where there is anything else."""
    try:
        return visible_characters(name)
    except Unseen:
        raise ValueError("昵称里不能有看不见的字符，也不能叠很多符号") from None
