"""From the bytes of a message to plain fields, or PushMalformed.

A message is read once its push is proven, so a broken character costs itself only (wechat/tolerant.py), and a text that breaks
the XML costs no other field (wechat/broken_xml.py). In plain mode nothing proves the body: size, depth and number of elements are
limited and a DTD is refused. XML and JSON give the same shape: texts, mappings and lists. Numbers stay texts.
"""

import re
from typing import Any, Final, NoReturn
from xml.parsers import expat

from wechat.broken_xml import read_broken_xml
from wechat.errors import PushMalformed, PushTooLarge
from wechat.fields import BodyFormat, Fields, FieldValue
from wechat.tolerant import decoded, read_json

MAX_BODY_BYTES: Final = 64 * 1024
MAX_DEPTH: Final = 16
MAX_ELEMENTS: Final = 2000

_JSON_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[{]|[\]}]|,|"', re.DOTALL)


def read_body(body: bytes) -> tuple[Fields, BodyFormat]:
    """Return the fields of a message and the format it was written in. Of a repeated field the first counts.

    Raises PushTooLarge over 64 KiB and PushMalformed for anything that is no message.
    """
    if len(body) > MAX_BODY_BYTES:
        raise PushTooLarge(f"{len(body)} bytes")
    text = decoded(body)
    if text.startswith("{"):
        return _read_json(text), "json"
    return _read_xml(text), "xml"


class _NotWellFormed(Exception):
    """The text is no well-formed XML, or a field is repeated or mixed with others."""


class _Element:
    """An XML element being read, with its content so far."""

    __slots__ = ("children", "name", "texts")

    def __init__(self, name: str) -> None:
        self.name = name
        self.children: Fields = {}
        self.texts: list[str] = []


class _XmlReader:
    """Builds fields from expat's callbacks; raises _NotWellFormed at the first limit that is exceeded.

    `_loose` is the text outside CDATA since the last tag or CDATA section; blanks and newlines around it are dropped.
    """

    def __init__(self) -> None:
        self.root: _Element | None = None
        self._open: list[_Element] = []
        self._count = 0
        self._in_cdata = False
        self._loose = ""

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise _NotWellFormed
        if self._loose:
            self._store_loose_text()
        self._open.append(_Element(name))

    def end(self, _name: str) -> None:
        if self._loose:
            self._store_loose_text()
        element = self._open.pop()
        if self._open:
            _add_child(self._open[-1].children, element, is_top=len(self._open) == 1)
        else:
            self.root = element

    def text(self, data: str) -> None:
        if self._in_cdata:
            self._open[-1].texts.append(data)
        else:
            self._loose += data

    def start_cdata(self) -> None:
        if self._loose:
            self._store_loose_text()
        self._in_cdata = True

    def end_cdata(self) -> None:
        self._in_cdata = False

    def _store_loose_text(self) -> None:
        self._open[-1].texts.append(self._loose.strip())
        self._loose = ""


def _add_child(siblings: Fields, child: _Element, *, is_top: bool) -> None:
    """Add a field to its parent: a repeated name is a fault at the top level, and a list deeper down."""
    text = "".join(child.texts)
    if is_top and child.children and text:
        raise _NotWellFormed
    value: FieldValue = child.children or text
    if child.name not in siblings:
        siblings[child.name] = value
        return
    if is_top:
        raise _NotWellFormed
    present = siblings[child.name]
    if isinstance(present, list):
        present.append(value)
    else:
        siblings[child.name] = [present, value]


def _refuse_doctype(*_args: object) -> NoReturn:
    raise PushMalformed("document type or entity declared")


def _read_xml(text: str) -> Fields:
    try:
        return _read_well_formed(text)
    except _NotWellFormed:
        return read_broken_xml(text)


def _read_well_formed(text: str) -> Fields:
    reader = _XmlReader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartCdataSectionHandler = reader.start_cdata
    parser.EndCdataSectionHandler = reader.end_cdata
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.EntityDeclHandler = _refuse_doctype
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError:
        raise _NotWellFormed from None
    if reader.root is None or reader.root.name != "xml":
        raise PushMalformed("the root is not <xml>")
    return reader.root.children


def _read_json(text: str) -> Fields:
    _bound_json(text)
    try:
        value = read_json(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object)
    except ValueError:
        raise PushMalformed("not JSON") from None
    return value if isinstance(value, dict) else _not_an_object()


def _not_an_object() -> NoReturn:
    raise PushMalformed("the JSON is no object")


def _bound_json(text: str) -> None:
    """Count brackets, strings and commas before the text is parsed, to limit depth and size."""
    depth = 0
    for count, token in enumerate(_JSON_TOKEN.finditer(text)):
        found = token.group()
        if found in "[{":
            depth += 1
        elif found in "]}":
            depth -= 1
        elif found == '"':
            raise PushMalformed("a string does not end")
        if depth > MAX_DEPTH or count > 4 * MAX_ELEMENTS:
            raise PushMalformed("too many or too deep values")


def _object(pairs: list[tuple[str, Any]]) -> Fields:
    """Strip the names, as one official sample has a leading blank; of a repeated name the first value counts."""
    fields: Fields = {}
    for name, value in pairs:
        fields.setdefault(name.strip(), _field(value))
    return fields


def _field(value: Any) -> FieldValue:
    if isinstance(value, list):
        return [_field(item) for item in value]
    if isinstance(value, str | dict):
        return value
    return "" if value is None else str(value).lower()
