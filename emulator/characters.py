"""Characters that no healthy text has, so that a phone can send them: single bytes, halves of surrogate pairs, control characters.

In a Python text U+DC00 to U+DCFF stand for the single bytes 00 to FF. Any other half of a surrogate pair stands for itself.
"""

import re

_SINGLE = re.compile(rb"\xed[\xb0-\xb3][\x80-\xbf]")
_ESCAPE = re.compile(r"\\(?:u00([01][0-9a-f])|([bf])|.)")
_HALF = re.compile("[\ud800-\udbff\udd00-\udfff]")


def raw_bytes(text: str) -> bytes:
    """The text in UTF-8, single bytes as themselves, halves of pairs as if they were characters."""
    return _SINGLE.sub(_single, text.encode("utf-8", "surrogatepass"))


def raw_json(json_text: str) -> str:
    """The JSON text as WeChat writes it: control characters raw, halves of surrogate pairs escaped."""
    return _HALF.sub(lambda half: f"\\u{ord(half[0]):04x}", _ESCAPE.sub(_unescaped, json_text))


def shown(text: str) -> str:
    """The text as a screen shows it."""
    return text.encode("utf-8", "replace").decode()


def _single(half: re.Match[bytes]) -> bytes:
    return bytes([ord(half[0].decode("utf-8", "surrogatepass")) - 0xDC00])


def _unescaped(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return {"b": "\b", "f": "\f"}.get(escape[2] or "", escape[0])
