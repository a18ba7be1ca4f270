"""Reads the fields of an XML push that is not well-formed or repeats a field: a member's text has ended its own CDATA section.

WeChat writes each field once and puts a member's text into CDATA as it came. So a text runs to the last end tag of its field,
whatever stands inside, and the first field of a name counts. Sender, receiver, time and kind are believed only where no member can
have written them: before the first text of a member, or if their name stands nowhere else.
"""

import html
import re
from typing import Final

from wechat.errors import PushMalformed
from wechat.fields import Fields, FieldValue

MAX_FIELDS: Final = 64
_ADDRESS: Final = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "Event"})
_DOCUMENT: Final = re.compile(r"(?:<\?xml[^<>]*\?>)?\s*<xml>(.*)</xml>", re.DOTALL)
_START: Final = re.compile(r"\s*+<([A-Za-z_][\w.-]*+)(?:>\s*+|\s*+(/>))", re.ASCII)
_CDATA: Final = "<![CDATA["
_CDATA_END: Final = "]]>"


def read_broken_xml(text: str) -> Fields:
    """Return the fields directly below `<xml>`: texts, whose mark-up stays text, and lists of entries.

    Raises PushMalformed when the root is not `<xml>`, or when a text may have forged the sender or the kind.
    """
    document = _DOCUMENT.fullmatch(text)
    if document is None:
        raise PushMalformed("not well-formed XML")
    fields, content = _read_fields(document[1]), document[1]
    texts_begin = False
    for name in fields:
        texts_begin = texts_begin or name not in _ADDRESS
        if texts_begin and name in _ADDRESS and content.count(f"<{name}>") > 1:
            raise PushMalformed(f"a text may have forged {name}")
    return fields


def _read_fields(content: str) -> Fields:
    """The fields in the order in which they begin; of a repeated name the first."""
    fields: Fields = {}
    position = 0
    while (start := _START.match(content, position)) and len(fields) < MAX_FIELDS:
        field = _read_field(content, start)
        if field is None:
            break
        fields.setdefault(start[1], field[0])
        position = field[1]
    return fields


def _read_field(content: str, start: re.Match[str]) -> tuple[FieldValue, int] | None:
    """The value of a field and the position behind its end tag; None if it has no end."""
    if start[2]:
        return "", start.end()
    is_text = content.startswith(_CDATA, start.end())
    end_tag = f"</{start[1]}>"
    find = content.rfind if is_text and start[1] not in _ADDRESS else content.find
    end = find(end_tag, start.end())
    if end < 0:
        return None
    raw = content[start.end() : end].strip()
    return _text_of_cdata(raw) if is_text else _value(raw), end + len(end_tag)


def _text_of_cdata(raw: str) -> str:
    """The text of one CDATA section or of adjacent ones, into which a writer splits a text that holds `]]>`."""
    return raw.removeprefix(_CDATA).removesuffix(_CDATA_END).replace(_CDATA_END + _CDATA, "")


def _value(raw: str) -> FieldValue:
    if not raw.startswith("<List>"):
        return html.unescape(raw)
    return {"List": [_read_fields(entry.partition("</List>")[0]) for entry in raw.split("<List>")[1:]]}
