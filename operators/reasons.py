"""The reasons that operators write: short, and without what nobody can see."""

from typing import Final

from loyalty.programme.declaring.texts import lines, one_line

LONGEST: Final = 100
LONGEST_TEXT: Final = 500


class BadText(ValueError):
    """A reason or an answer cannot be used; the message is one Chinese sentence."""


def checked_reason(reason: str) -> str:
    """The reason without blanks around it. Raises BadText for one that is empty, long, or holds what nobody can see."""
    text = reason.strip()
    if not text:
        raise BadText("请写明原因。")
    if len(text) > LONGEST:
        raise BadText(f"原因最多 {LONGEST} 个字，现在有 {len(text)} 个。")
    for fault in one_line(text):
        raise BadText(f"原因{fault.sentence}。")
    return text


def checked_text(text: str, what: str) -> str:
    """A text of several lines for members, such as an answer (`what` names it). Raises BadText."""
    text = text.strip()
    if not text:
        raise BadText(f"请写{what}。")
    if len(text) > LONGEST_TEXT:
        raise BadText(f"{what}最多 {LONGEST_TEXT} 个字，现在有 {len(text)} 个。")
    for fault in lines(text):
        raise BadText(f"{what}{fault.sentence}。")
    return text
