"""Texts that members read: no character that cannot be seen, because it would break a line or turn the text around it."""

from typing import Annotated, Final

from pydantic import StringConstraints

from loyalty.ledger.visible import Unseen, escaped, visible_characters
from loyalty.programme.declaring.faults import Fault, OfDrafts, characters

LONGEST_TERMS: Final = 500
WIDE_BLANK: Final = "\u3000"


def shown(text: str, most: int = 20) -> str:
    """A text as a message quotes it: cut, and with each unseen character as its number."""
    return escaped(text if len(text) <= most else f"{text[:most]}…")


def one_line(text: str) -> list[Fault]:
    """Faults of a name."""
    if "\n" in text or "\r" in text:
        return [Fault((), "不能换行")]
    return lines(text)


def lines(text: str) -> list[Fault]:
    """Faults of a text that may have several lines."""
    try:
        visible_characters(text.replace("\n", " ").replace(WIDE_BLANK, " "))
    except Unseen as unseen:
        place = unseen.position
        return [Fault((), f"第 {place + 1} 个字是看不见的字符（U+{ord(text[place]):04X}），请删掉")]
    if text != text.strip():
        return [Fault((), "开头和末尾不能有空格或空行（多行文字请用 |- 开头）")]
    return []


Title = Annotated[
    str, StringConstraints(min_length=1, max_length=40), OfDrafts(one_line, "一行，没有看不见的字符")
]
"""A name that members see."""
Terms = Annotated[str, characters(LONGEST_TERMS), OfDrafts(lines, "没有看不见的字符")]
"""The terms of a prize or reward, in one line or several."""
