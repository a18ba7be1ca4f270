"""Makes texts safe for XML: no illegal characters, no end of CDATA inside it, no half characters after a cut."""

import re
from typing import Final

MAX_TEXT_BYTES: Final = 2048
_ELLIPSIS: Final = "…"
_XML_ILLEGAL: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Return the text without the characters XML 1.0 forbids (control characters, half surrogate pairs)."""
    return _XML_ILLEGAL.sub("", text)


def cdata(text: str) -> str:
    """Return the text as a CDATA section that the text itself cannot end."""
    return f"<![CDATA[{within_cdata(text)}]]>"


def within_cdata(text: str) -> str:
    """Return the text for use between `<![CDATA[` and `]]>`, so that it cannot end the section."""
    return legal(text).replace("]]>", "]]]]><![CDATA[>")


def cut_bytes(text: str, limit: int = MAX_TEXT_BYTES) -> str:
    """Return the text in at most `limit` bytes of UTF-8, with … at its end when something was cut."""
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    return encoded[: limit - len(_ELLIPSIS.encode())].decode("utf-8", "ignore") + _ELLIPSIS


def cut_chars(text: str, limit: int) -> str:
    """Return the text in at most `limit` characters, with … at its end when something was cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + _ELLIPSIS
