"""A YAML text as plain values with line numbers, where everything can be read in one way only.

YAML reads some words in ways that nobody means: `0150` as 104, `12:30` as 750, `no` as false, and of two equal keys it keeps the
last. Here each of these is a fault that names its line. Anchors, aliases and tags are faults, too: a rule file repeats nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import yaml
from yaml.resolver import Resolver

from loyalty.programme.declaring.faults import Where
from loyalty.programme.declaring.texts import shown

DEEPEST: Final = 20
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FRACTION: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}")
_NUMBER_LIKE: Final = re.compile(
    r"[-+]?[0-9._]+([eE][-+]?[0-9]+)?|[-+]?0[box][0-9a-fA-F_]+|[-+]?[0-9]+(:[0-9]+)+"
)
_DATE: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2})\S*)?")
_PLAIN: Final[dict[str, object]] = {"": None, "~": None, "null": None, "true": True, "false": False}
_STRING: Final = "tag:yaml.org,2002:str"
_RESOLVER: Final = Resolver()
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
HALF: Final = "文字里有半个字符，请直接写那个字，不要写 \\u 编码"


class Placed(NamedTuple):
    """A fault of the text: its line, from 1, and the keys around it."""

    line: int
    where: Where
    sentence: str


@dataclass
class Document:
    """The value of a text, the line of every key and list item, and the faults of how it is written."""

    value: Any = None
    lines: dict[Where, int] = field(default_factory=dict)
    faults: list[Placed] = field(default_factory=list)

    def line(self, where: Where) -> int:
        """The line of what is there, or of the nearest that is around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


@dataclass
class _Frame:
    """A mapping or list that is still open; `key` is the key whose value comes next."""

    value: dict[str, Any] | list[Any]
    where: Where
    key: str | None = None


class Unreadable(Exception):
    """The text cannot be read beyond a line: its values lie deeper than DEEPEST, or a key is a list or a mapping."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line, self.sentence = line, sentence


def read_document(text: str) -> Document:
    """The document in a text. Raises yaml.YAMLError for what is no YAML, and Unreadable."""
    reader = _Reader()
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        reader.take(event)
    return reader.document


class _Reader:
    """Builds a Document from YAML events, without recursion."""

    def __init__(self) -> None:
        self.document = Document()
        self._open: list[_Frame] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Add what an event brings."""
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                self._fault(line, (), "一个文件里只能写一份规则，不能再用 --- 分成几份")
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._take_node(event, line)

    def _take_node(self, event: yaml.NodeEvent, line: int) -> None:
        where = self._where()
        for unwanted in _unwanted(event):
            self._fault(line, where, unwanted)
        if self._open and isinstance(self._open[-1].value, dict) and self._open[-1].key is None:
            self._take_key(event, line)
            return
        value, sentence = _value(event)
        if sentence:
            self._fault(line, where, sentence)
        self._place(value, where, line)
        if isinstance(value, dict | list):
            if len(self._open) == DEEPEST:
                raise Unreadable(line, f"一层套一层，超过了 {DEEPEST} 层")
            self._open.append(_Frame(value, where))

    def _take_key(self, event: yaml.NodeEvent, line: int) -> None:
        frame = self._open[-1]
        if not isinstance(event, yaml.ScalarEvent):
            raise Unreadable(line, "冒号前面要写一个项目名，不能是列表或一组项目")
        key = _SURROGATE.sub("?", event.value)
        frame.key = key
        where = (*frame.where, key)
        if key != event.value:
            self._fault(line, where, HALF)
        if key in frame.value:
            first = self.document.lines[where]
            self._fault(
                line,
                where,
                f"「{shown(key)}」写了两次（第 {first} 行和第 {line} 行），请留下一个",
            )
        else:
            self.document.lines[where] = line

    def _where(self) -> Where:
        if not self._open:
            return ()
        frame = self._open[-1]
        if isinstance(frame.value, list):
            return (*frame.where, len(frame.value))
        return frame.where if frame.key is None else (*frame.where, frame.key)

    def _place(self, value: object, where: Where, line: int) -> None:
        if not self._open:
            if self._documents == 1:
                self.document.value = value
            return
        frame = self._open[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
            self.document.lines[where] = line
        elif frame.key is not None:
            frame.value.setdefault(frame.key, value)
            frame.key = None

    def _fault(self, line: int, where: Where, sentence: str) -> None:
        self.document.faults.append(Placed(line, where, sentence))


def _unwanted(event: yaml.NodeEvent) -> Iterator[str]:
    if isinstance(event, yaml.AliasEvent):
        yield "规则文件里不能用 * 引用别处的内容，请把内容写全；如果是文字，请加引号"
    elif event.anchor is not None:
        yield "规则文件里不能用 & 给内容起名；如果是文字，请加引号"
    if getattr(event, "tag", None) is not None:
        yield "规则文件里不能用 ! 标明类型；如果是文字，请加引号"


def _value(event: yaml.NodeEvent) -> tuple[Any, str | None]:
    """The value, and a sentence where it could be read in another way, too; then the value is the text itself."""
    if isinstance(event, yaml.MappingStartEvent):
        return {}, None
    if isinstance(event, yaml.SequenceStartEvent):
        return [], None
    if not isinstance(event, yaml.ScalarEvent):
        return None, None
    if _SURROGATE.search(event.value):
        return "", HALF
    return _scalar(event.value) if event.style is None else (event.value, None)


def _scalar(text: str) -> tuple[Any, str | None]:
    """The value of a word without quotes."""
    if text in _PLAIN:
        return _PLAIN[text], None
    if _INTEGER.fullmatch(text):
        return int(text), None
    if _FRACTION.fullmatch(text):
        return float(text), None
    if _NUMBER_LIKE.fullmatch(text) or _resolved(text) != _STRING:
        return text, ambiguity(text)
    return text, None


def reads_as_itself(text: str) -> bool:
    """Whether a text means itself without quotes."""
    return _scalar(text) == (text, None)


def _resolved(text: str) -> object:
    """The tag that YAML 1.1 gives to a word without quotes."""
    return _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]


def _date(text: str, year: str, month: str, day: str, hour: str | None, minute: str | None) -> str:
    """What to write for a date without quotes: an instant to the minute, or the date with quotes."""
    date = f"{year}-{month:0>2}-{day:0>2}"
    if hour is not None:
        return f"「{shown(text)}」要写到分为止，写成 {date}T{hour:0>2}:{minute}"
    return (
        f"「{shown(text)}」没有写时间：从何时、到何时要连时间一起写，写成 {date}T00:00（那天零点）；"
        f'不是时刻就加上引号，写成 "{shown(text)}"'
    )


def ambiguity(text: str) -> str:
    """Why a word without quotes cannot stay as it is."""
    if date := _DATE.match(text):
        return _date(text, *date.groups())
    quoted = f'是文字就加上引号，写成 "{shown(text)}"'
    if text.lower() in ("yes", "no", "on", "off", "true", "false"):
        return f"「{text}」有几种读法：表示是或否请写 true 或 false；{quoted}"
    if re.fullmatch(r"0+[0-9]+", text):
        return (
            f"「{shown(text)}」前面多了 0，会被读成八进制：是数字就写成 {text.lstrip('0') or '0'}；{quoted}"
        )
    return f"「{shown(text)}」有几种读法：是数字就只用 0 到 9 写成普通的整数；{quoted}"
