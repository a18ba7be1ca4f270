"""Reads what a member typed or said: the word and its argument, whatever punctuation or blanks surround them."""

import re
import unicodedata
from typing import Final, NamedTuple

_TRIMMED: Final = " .。!！?？~～,，、;；:：…·'\"“”‘’「」『』《》【】()（）"
_NUMBERED: Final = re.compile(
    r"(兑换|规则|补签|延期|投票|加速包|为什么) ?[:：]? ?(?:第|#)? ?([0-9]+|[一二三四五六七八九十]{1,3}) ?(?:号|日|个|项|笔)?"
)
_ARGUED: Final = re.compile(
    r"(兑换|补签|延期|投票|加速包|建议|申诉|注销)(?:[ :：]|(?:(?<=补签)|(?<=延期))(?=[0-9昨前])|(?<=投票)(?=[0-9])|(?<=建议))(.+)"
)
_REPLACEMENT: Final = "\ufffd"
_DIGITS: Final = "零一二三四五六七八九"
_LONGEST_NUMBER: Final = 9


class Said(NamedTuple):
    """A word and what came after it; `argument` is empty for a word by itself."""

    word: str
    argument: str = ""


def tidy(text: str) -> str:
    """The text in half-width form, without invisible characters, surrounding punctuation or double blanks."""
    folded = unicodedata.normalize("NFKC", text)
    seen = "".join(" " if char.isspace() else char for char in folded if char.isspace() or _is_visible(char))
    return " ".join(seen.split()).strip(_TRIMMED)


def parse(text: str) -> Said:
    """The word and its argument: for the words of `_NUMBERED` a number, for those of `_ARGUED` also other text."""
    tidied = tidy(text)
    if numbered := _NUMBERED.fullmatch(tidied):
        return Said(numbered[1], _digits(numbered[2]))
    if argued := _ARGUED.fullmatch(tidied):
        return Said(argued[1], argued[2].strip())
    return Said(tidied)


def list_number(argument: str) -> int | None:
    """The number in an argument; None for other text or a number longer than any list."""
    if not argument.isascii() or not argument.isdigit() or len(argument) > _LONGEST_NUMBER:
        return None
    return int(argument)


def _is_visible(char: str) -> bool:
    """Neither invisible nor what a phone writes for a character that was cut."""
    return char != _REPLACEMENT and not unicodedata.category(char).startswith("C")


def _digits(number: str) -> str:
    """The number as digits without leading zeros. Chinese numerals up to 九十九 are converted, malformed ones returned as is."""
    if number.isdigit() and number.isascii():
        return number.lstrip("0") or "0"
    tens, ten, ones = number.partition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return number
    if not ten:
        return str(_DIGITS.index(tens))
    return str(10 * (_DIGITS.index(tens) if tens else 1) + (_DIGITS.index(ones) if ones else 0))
