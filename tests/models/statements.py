"""The statements of the source, read from its syntax trees."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tests.models.classes import model_classes
from tests.source import ROOT, parsed

IS_SQL = re.compile(r"\s*(?:WITH|SELECT|INSERT INTO|UPDATE|DELETE FROM)\s")


class Statement(NamedTuple):
    """A text of SQL, with the constant or function it stands in."""

    name: str
    text: str


def texts(*rooms: str) -> Iterator[str]:
    """Every string of these rooms, with `{}` for what is put into it."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield from texts_of(path.read_text(encoding="utf-8"))


def texts_of(source: str) -> Iterator[str]:
    """Every string of one module."""
    yield from _strings(parsed(source))


def statements(*rooms: str) -> Iterator[Statement]:
    """Every statement of these rooms; one that a constant of a module is composed of parts as the module composes it."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in parsed(path.read_text(encoding="utf-8")).body:
                name = _name(node)
                found = [text for text in _strings(node) if IS_SQL.match(text)]
                if any("{}" in text for text in found):
                    found = [_composed(path, name)] if isinstance(node, ast.Assign | ast.AnnAssign) else found
                yield from (Statement(name, text) for text in found)


def updates_through_models(*rooms: str) -> Iterator[tuple[str, set[str]]]:
    """The table and columns of every `Model.filter(…).update(column=…)` of these rooms."""
    tables = {model.__name__: model._meta.db_table for model in model_classes()}
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(parsed(path.read_text(encoding="utf-8"))):
                match node:
                    case ast.Call(func=ast.Attribute(value=queried, attr="update"), keywords=given):
                        if (name := _root(queried)) in tables:
                            yield tables[name], {str(one.arg) for one in given}


def _root(node: ast.expr) -> str:
    """The name that a chain of calls and attributes begins with."""
    match node:
        case ast.Call(func=inner) | ast.Attribute(value=inner):
            return _root(inner)
        case ast.Name(id=name):
            return name
        case _:
            return ""


def _composed(path: Path, name: str) -> str:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return str(getattr(import_module(module), name))


def _name(node: ast.stmt) -> str:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case _:
            return ""


def _strings(tree: ast.AST) -> Iterator[str]:
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within:
            yield node.value
