"""Nicknames: which characters a name may have that members show to others.

A name that breaks a rule is refused and not repaired: a repaired name may equal another member's, and a refusal tells the member
what to change. Characters are judged by the Unicode data of the library `regex`, which is newer than the interpreter's: names hold
this year's emoji and the newest ideographs.
"""

import unicodedata
from typing import Final

import regex

MAX_CHARACTERS: Final = 20
MAX_CODE_POINTS: Final = 32
MAX_MARKS: Final = 4
"""Marks on one character: enough for Burmese and Tibetan, too few to cover the lines above and below."""

_TAG_FLAG: Final = r"\U0001F3F4[\U000E0030-\U000E0039\U000E0061-\U000E007A]{3,6}\U000E007F"
_EMOJI: Final = (
    rf"(?:{_TAG_FLAG}|\p{{RI}}\p{{RI}}|[0-9#*]\uFE0F?\u20E3|\p{{Emoji}}(?:\uFE0F|\p{{Emoji_Modifier}})?)"
)
_MARKS: Final = (
    rf"(?:[\p{{M}}--\p{{Default_Ignorable_Code_Point}}]{{0,{MAX_MARKS}}}\p{{Variation_Selector}}?)"
)
_LETTER: Final = r"[\p{L}--\p{Ideographic}]"
_JOINER: Final = rf"(?:(?<={_LETTER}\p{{M}}{{0,4}})\u200C|(?<=\p{{M}})\u200D)(?={_LETTER})"
"""ZWNJ stands between letters, which Persian needs; ZWJ behind the virama of an Indian letter. Ideographs join nothing."""
_SEEN: Final = r"[\p{L}\p{N}\p{P}\p{S}--[\p{Default_Ignorable_Code_Point}\u2800\uFFFC\uFFFD]]"
_CHARACTER: Final = regex.compile(
    rf"(?V1)(?:{_EMOJI}(?:\u200D{_EMOJI}){{1,4}}|{_EMOJI}(?!\p{{M}})|{_SEEN}{_MARKS}(?:{_JOINER})?| )"
)
"""One visible character: an emoji, joined or not, or another character with its marks. A joiner belongs to the letter before it."""


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
    found: list[str] = []
    position = 0
    while position < len(name):
        character = _CHARACTER.match(name, position)
        if character is None:
            raise ValueError("昵称里不能有看不见的字符，也不能叠很多符号")
        found.append(character[0])
        position = character.end()
    return found
