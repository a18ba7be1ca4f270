"""Reads the platform's texts although single characters of them are broken.

Members paste control characters, halves of emoji and whatever their keyboards produce, and WeChat passes all of it on. A character
that XML forbids is left out, raw or escaped, so that the rest of the text stays readable.
"""

import json
import re
from typing import Any, Final

from wechat.text import legal

_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([0-9a-fA-F]{4})|[\"\\/nrt]|[bf]|)"
)
_DROPPED: Final = ("\\", "\\b", "\\f")


def decoded(content: bytes) -> str:
    """Return UTF-8 as text, without a BOM, blanks around it, cut characters, and characters that XML forbids."""
    return legal(content.decode("utf-8", "ignore")).strip("\ufeff \t\r\n")


def read_json(text: str, **hooks: Any) -> Any:
    """Return the value of a JSON text whose strings may hold raw control characters, half surrogate pairs and bad escapes.

    `hooks` are those of `json.loads`. Raises ValueError for a text that is no JSON otherwise, RecursionError for a very deep one.
    """
    return json.loads(_ESCAPE.sub(_kept, text), strict=False, **hooks)


def _kept(escape: re.Match[str]) -> str:
    """The escape sequence; empty when it stands for a forbidden character or for none."""
    if escape[1]:
        return escape[0] if legal(chr(int(escape[1], 16))) else ""
    return "" if escape[0] in _DROPPED else escape[0]
