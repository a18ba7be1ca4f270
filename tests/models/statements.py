"""The statements of the source, read from its syntax trees."""

import ast
from collections.abc import Iterator

from tests.source import ROOT


def texts(*rooms: str) -> Iterator[str]:
    """Every string of these rooms, with `{}` for what is put into it."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield from texts_of(path.read_text(encoding="utf-8"))


def texts_of(source: str) -> Iterator[str]:
    """Every string of one module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
