"""Finds the ciphertext in the body of an encrypted push, before anything of it is proven.

Nothing else of the body is read: in compatible mode it also holds the message in plain, with every text a member may write. A text
of theirs may look like a ciphertext, so each candidate is returned; the signature tells which one is WeChat's.
"""

import json
import re
from typing import Final

from wechat.body import MAX_BODY_BYTES
from wechat.errors import PushMalformed, PushTooLarge
from wechat.fields import BodyFormat

_BLANKS: Final = b" \t\r\n"
_BOM: Final = b"\xef\xbb\xbf"
_XML_ROOT: Final = re.compile(rb"(?:<\?xml[^<>]*+\?>)?\s*+<xml>")
_IN_XML: Final = re.compile(rb"<Encrypt>\s*+(?:<!\[CDATA\[([^<\]]++)\]\]>\s*+|([^<\]]++))</Encrypt>")
_IN_JSON: Final = re.compile(rb'"\s*+Encrypt\s*+"\s*+:\s*+("[^"\\]*+(?:\\.[^"\\]*+)*+")', re.DOTALL)


def read_envelope(body: bytes) -> tuple[list[str], BodyFormat]:
    """Return the texts that may be the ciphertext, and the format of the body.

    Raises PushTooLarge over 64 KiB; PushMalformed when the body is neither `<xml>` nor a JSON object, or has no candidate.
    """
    if len(body) > MAX_BODY_BYTES:
        raise PushTooLarge(f"{len(body)} bytes")
    content = body.lstrip(_BLANKS).removeprefix(_BOM).lstrip(_BLANKS)
    is_json = content.startswith(b"{")
    if not is_json and not _XML_ROOT.match(content):
        raise PushMalformed("neither <xml> nor a JSON object")
    found = _in_json(content) if is_json else _in_xml(content)
    if not found:
        raise PushMalformed("no Encrypt")
    return found, "json" if is_json else "xml"


def _in_xml(content: bytes) -> list[str]:
    return [(match[1] or match[2]).strip().decode("ascii", "replace") for match in _IN_XML.finditer(content)]


def _in_json(content: bytes) -> list[str]:
    found = []
    for match in _IN_JSON.finditer(content):
        try:
            found.append(json.loads(match[1]))
        except ValueError:
            continue
    return [text for text in found if text]
