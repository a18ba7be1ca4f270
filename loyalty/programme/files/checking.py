"""Checking a text of rules: every fault at once, each with its line and its item."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from loyalty.programme.declaring.faults import RuleFaults, Where, closest
from loyalty.programme.files.document import Document, Placed
from loyalty.programme.files.sentences import sentence_of, value_text
from loyalty.programme.outline.items import Named, item_at, items_at, place_text, sections
from loyalty.programme.rules import RuleSet

UNKNOWN: Final = ("extra_forbidden", "unexpected_keyword_argument")
ROUNDS: Final = 8
"""How often misspelt keys are taken for what was meant: each round brings those inside of them to light."""


def check(document: Document) -> tuple[RuleSet | None, list[Placed]]:
    """The rules of a document, or every fault of it, in the order of lines.

    A misspelt key is one fault, and is then read as the key that was meant: so it is not missing, and what is in it is checked.
    """
    found = list(document.faults)
    if not isinstance(document.value, dict):
        sentence = (
            "规则文件是空的"
            if document.value is None
            else f"规则文件里要写一组项目，现在是{value_text(document.value)}"
        )
        return None, [*found, Placed(1, (), sentence)]
    for _ in range(ROUNDS):
        rules, errors = _validate(document.value)
        unknown = [error for error in errors if error["type"] in UNKNOWN]
        found += [_unknown(document, error["loc"]) for error in unknown]
        if not unknown:
            break
    own = {fault.where for fault in document.faults}
    found += [
        fault for error in errors for fault in _placed(document, error) if not _within(fault.where, own)
    ]
    return (None if found else rules), sorted(dict.fromkeys(found), key=lambda fault: fault.line)


def _validate(value: object) -> tuple[RuleSet | None, list[ErrorDetails]]:
    try:
        return RuleSet.model_validate_json(json.dumps(value)), []
    except ValidationError as error:
        found = error.errors(include_url=False)
        for one in found:
            one["loc"] = _written(value, one["loc"])
        return None, found


def _written(value: Any, where: Where) -> Where:
    """The steps of a place that are in the file: pydantic adds the tag of a union, and `[key]` for a wrong key."""
    steps: list[str | int] = []
    for place, step in enumerate(where, 1):
        last = place == len(where) and isinstance(value, dict) and step != "[key]"
        if last or _inner(value, step) is not None or isinstance(step, int):
            steps.append(step)
            value = _inner(value, step)
    return tuple(steps)


def _within(where: Where, places: Iterable[Where]) -> bool:
    """Whether a fault lies in one of these places, which are refused for how they are written."""
    return any(place and where[: len(place)] == place for place in places)


def _placed(document: Document, error: ErrorDetails) -> Iterator[Placed]:
    """The faults of one error: those of a validator of ours have places of their own."""
    where, raised = error["loc"], error.get("ctx", {}).get("error")
    if isinstance(raised, RuleFaults):
        for fault in raised.faults:
            at = (*where, *fault.where)
            yield Placed(document.line(at), at, fault.sentence)
    elif error["type"] == "missing":
        yield _missing(document, where)
    else:
        yield Placed(document.line(where), where, sentence_of(error))


def _missing(document: Document, where: Where) -> Placed:
    around, key = where[:-1], where[-1]
    if isinstance(key, int):
        return Placed(document.line(around), around, f"要写 {key + 1} 个数")
    item = item_at(where)
    title = f"（{item.title}）" if item else ""
    return Placed(document.line(around), around, f"缺少 {key}{title}")


def _unknown(document: Document, where: Where) -> Placed:
    """The fault of an unknown key, which is put right in the document as far as the meaning is clear."""
    around, key = where[:-1], str(where[-1])
    known = items_at(around)
    line, inner = document.line(where), _at(document.value, around)
    value = inner.pop(key)
    name, colon, rest = key.partition("：")
    fen = _in_fen(key, known)
    meant = fen or meaning(name, known)
    if meant and meant not in inner:
        inner[meant] = _word(rest) if colon and value is None else _cents(value) if fen else value
        document.lines |= {
            (*around, meant, *place[len(where) :]): line
            for place, line in document.lines.items()
            if place[: len(where)] == where
        }
    if colon and value is None:
        return Placed(line, where, "冒号要用英文的 : ，后面空一格")
    if fen:
        return Placed(line, where, f"没有这一项，{_money(fen, value)}")
    return Placed(line, where, f"没有这一项{_advice(key, meant, known)}")


def meaning(key: str, known: Mapping[str, FieldInfo]) -> str | None:
    """The known key that a misspelt one stands for, if one is close; a Chinese title stands for its key."""
    by_title = {item.title: name for name, item in known.items()}
    return by_title.get(key.strip()) or closest(key, known)


def _in_fen(key: str, known: Mapping[str, FieldInfo]) -> str | None:
    """The item in fen that an item in yuan stands for: `per_fen` for `per_yuan`."""
    name = key.strip().lower()
    fen = name.removesuffix("_yuan") + "_fen"
    return fen if name.endswith("_yuan") and fen in known else None


def _cents(value: object) -> object:
    """An amount of yuan in fen; what is no amount stays."""
    is_amount = isinstance(value, int) and not isinstance(value, bool)
    return value * 100 if is_amount else value  # type: ignore[operator]  # an integer


def _money(fen: str, value: object) -> str:
    """`金额用分写：每 1 元写成 per_fen: 100`."""
    amount = value if isinstance(value, int) and not isinstance(value, bool) else 1
    each = "每 " if fen.startswith("per_") else ""
    return f"金额用分写：{each}{amount} 元写成 {fen}: {amount * 100}"


def _advice(key: str, meant: str | None, known: Mapping[str, FieldInfo]) -> str:
    if meant:
        return f"，是不是想写 {meant}？"
    for where, items in sections():
        if key in items and where:
            return f"；{key} 要写在 {' › '.join(where)} 里"
    return f"；这里可以写 {'、'.join(known)}" if known else ""


def _at(value: Any, where: Where) -> Any:
    for step in where:
        value = value[step]
    return value


def _word(text: str) -> object:
    word = text.strip()
    return int(word) if word.isascii() and word.isdigit() else word


def where_text(document: Document, where: Where) -> str:
    """A place as an operator finds it; an element that has an id is named by it."""
    steps: list[str | Named | int] = []
    value = document.value
    for step in where:
        value = _inner(value, step)
        name = value.get("id") if isinstance(value, dict) and isinstance(step, int) else None
        steps.append(Named(name) if isinstance(name, str) else step)
    return place_text(steps)


def _inner(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(str(step))
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return value[step]
    return None
