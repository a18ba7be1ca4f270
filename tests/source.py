"""Where the source is: the checkout, and the packages that import-linter holds to their layers."""

import ast
import gc
import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
SETTINGS: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: Final[tuple[str, ...]] = tuple(SETTINGS["tool"]["importlinter"]["root_packages"])
NO_SERVER: Final = {"bench", "embedded", "emulator", "models"}
"""Packages that bring databases of their own, or change tables as their owner."""
SERVER_PACKAGES: Final = tuple(name for name in PACKAGES if name not in NO_SERVER)
"""Packages whose statements run as the application's role."""


def parsed(source: str) -> ast.Module:
    """The tree of a module's source.

    The garbage collector rests meanwhile: what it runs while CPython 3.11 builds a tree can end in "AST constructor recursion depth
    mismatch".
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        if collects:
            gc.enable()
