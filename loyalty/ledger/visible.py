"""Characters as readers see them, for names and texts that others read: nothing that is invisible or turns the text around it.

They are judged by the Unicode data of the library `regex`, which is newer than the interpreter's: names hold this year's emoji and
the newest ideographs.
"""

from collections.abc import Iterator
from typing import Final

import regex

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


class Unseen(ValueError):
    """A text has something that is no visible character, at the code point `position`, from 0."""

    def __init__(self, position: int) -> None:
        super().__init__(f"no visible character at {position}")
        self.position = position


def visible_characters(text: str) -> list[str]:
    """The characters of a text in one line. Raises Unseen where there is anything else."""
    found: list[str] = []
    position = 0
    while position < len(text):
        character = _CHARACTER.match(text, position)
        if character is None:
            raise Unseen(position)
        found.append(character[0])
        position = character.end()
    return found


def escaped(text: str) -> str:
    """The text with each code point that is no part of a visible character as its number: `<U+202E>`."""
    return "".join(_escaped(text))


def _escaped(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        character = _CHARACTER.match(text, position)
        yield character[0] if character else f"<U+{ord(text[position]):04X}>"
        position = character.end() if character else position + 1
