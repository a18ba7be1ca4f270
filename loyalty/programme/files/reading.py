"""Reading a file of rules."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from loyalty.programme.files.checking import check, where_text
from loyalty.programme.files.document import Document, Placed, Unreadable, read_document
from loyalty.programme.rules import RuleSet

LARGEST_BYTES: Final = 8 * 1024 * 1024
MOST_SHOWN: Final = 50
"""How many faults a message names; it says how many more there are."""

_TAB: Final = re.compile(r" *\t")
_WIDE_COLON: Final = re.compile(r"\s*(?:- *)?\w+：")
_NO_SPACE: Final = re.compile(r"\s*(?:- *)?[a-z_0-9]+:[^\s]")
_WIDE_SIGNS: Final = re.compile("[｛｝［］“”‘’]")


class NotPublished(Exception):
    """A rule set was not published. The message tells the operator why; each reason is a class of its own."""


class InvalidRules(NotPublished):
    """The rule file cannot be read, or its rules are invalid; the message names each fault with its line."""


def read_rules(path: Path) -> RuleSet:
    """A rule set from a YAML file. Raises InvalidRules."""
    return rules_in(_text(path), str(path))


def rules_in(text: str, name: str) -> RuleSet:
    """A rule set from the text of a YAML file of that name. Raises InvalidRules."""
    document, faults = Document(), []
    try:
        document = read_document(text)
    except Unreadable as error:
        faults = [Placed(error.line, (), error.sentence)]
    except yaml.YAMLError as error:
        faults = list(_syntax(text, error))
    rules, found = (None, faults) if faults else check(document)
    if rules is None:
        raise InvalidRules(_message(name, document, found))
    return rules


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise InvalidRules(f"{path} 太大了，规则文件最多 {LARGEST_BYTES // 1024 // 1024} MB。")
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise InvalidRules(f"找不到规则文件 {path}。") from None
    except UnicodeDecodeError:
        raise InvalidRules(f"{path} 不是 UTF-8 编码的文字，请用编辑器另存为 UTF-8。") from None
    except OSError as error:
        raise InvalidRules(f"{path} 读不出来：{error.strerror}。") from error


def _message(name: str, document: Document, faults: list[Placed]) -> str:
    told = [_line(document, fault) for fault in faults[:MOST_SHOWN]]
    if len(faults) > MOST_SHOWN:
        told.append(f"  还有 {len(faults) - MOST_SHOWN} 处没有列出。")
    return "\n".join([f"{name} 有 {len(faults)} 处要改：", *told])


def _line(document: Document, fault: Placed) -> str:
    where = where_text(document, fault.where)
    return f"  第 {fault.line} 行{f' {where}' if where else ''}：{fault.sentence}。".replace("？。", "？")


def _syntax(text: str, error: yaml.YAMLError) -> Iterator[Placed]:
    """Faults of a text that is no YAML: the usual slips of every line, or else where reading ended."""
    slips = [
        Placed(number, (), sentence)
        for number, line in enumerate(text.splitlines(), 1)
        if (sentence := _slip(line.split(" #")[0])) and not line.lstrip().startswith("#")
    ]
    yield from slips
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None and not slips:
        yield Placed(
            mark.line + 1, (), "这里读不下去了：请检查上下几行的缩进、冒号后的空格、引号和括号是否成对"
        )
    elif not slips:  # a character that no YAML may have
        position = getattr(error, "position", 0)
        sign = f"U+{ord(text[position]):04X}" if position < len(text) else ""
        yield Placed(text.count("\n", 0, position) + 1, (), f"有看不见的控制字符（{sign}），请删掉")


def _slip(line: str) -> str | None:
    if _TAB.match(line):
        return "行首不能用 Tab，请用空格缩进"
    if _WIDE_COLON.match(line):
        return "冒号要用英文的 : ，后面空一格"
    if _NO_SPACE.match(line):
        return "冒号后面要空一格"
    if _WIDE_SIGNS.search(line):
        return "括号和引号要用英文的"
    return None
