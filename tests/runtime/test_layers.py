"""Every room and every module of runtime has its layer: import-linter says nothing of those it was not told of."""

import tomllib
from pathlib import Path
from typing import Any

import jifen

HOME = Path(jifen.__file__).parent
APART = {"runtime", "emulator"}
"""Named by its modules, and held by a contract of its own."""


def names_in(folder: Path) -> set[str]:
    return {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}


def contract(name: str) -> Any:
    settings = tomllib.loads((HOME.parent / "pyproject.toml").read_text(encoding="utf-8"))
    return next(one for one in settings["tool"]["importlinter"]["contracts"] if one["name"] == name)


def test_every_module_has_a_layer() -> None:
    layers = contract("Arrows point down only")["layers"]
    layered = [name.strip() for layer in layers for name in layer.replace("|", ":").split(":")]
    rooms = (names_in(HOME) - {"__init__"}) - APART
    runtime = {f"runtime.{name}" for name in names_in(HOME / "runtime") - {"__init__"}}
    assert sorted(layered) == sorted(rooms | runtime)


def test_every_module_is_told_of_the_emulator() -> None:
    forbidden = contract("Only cli, demo and tests know the emulator")["source_modules"]
    rooms = {f"jifen.{name}" for name in (names_in(HOME) - {"__init__"}) - APART}
    runtime = {f"jifen.runtime.{name}" for name in names_in(HOME / "runtime") - {"__init__", "cli", "demo"}}
    assert sorted(forbidden) == sorted(rooms | runtime)
