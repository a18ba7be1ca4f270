"""Every package, and every module of `runtime`, has its layer: import-linter is silent about those it was not told of."""

from pathlib import Path
from typing import Any

from tests.source import PACKAGES, ROOT, SETTINGS

APART = {"runtime", "emulator"}
"""Named by its modules, and held by a contract of its own."""


def names_in(folder: Path) -> set[str]:
    return {path.stem for path in folder.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}


def contract(name: str) -> Any:
    contracts = SETTINGS["tool"]["importlinter"]["contracts"]
    return next(one for one in contracts if one["name"] == name)


def modules_of_runtime() -> set[str]:
    return {f"runtime.{name}" for name in names_in(ROOT / "runtime") - {"__init__"}}


def test_every_package_of_the_checkout_is_known() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found - {"tests"} == set(PACKAGES)


def test_every_module_has_a_layer() -> None:
    layers = contract("Arrows point down only")["layers"]
    layered = [name.strip() for layer in layers for name in layer.split("|")]
    assert {name.partition(".")[0] for name in layered} == set(PACKAGES) - {"emulator"}
    runtime = [name for name in layered if name.startswith("runtime")]
    assert sorted(runtime) == sorted(modules_of_runtime())


def test_every_module_is_told_of_the_emulator() -> None:
    forbidden = contract("Only the command line, the demo and tests know the emulator")["source_modules"]
    users = {"runtime.cli", "runtime.demo"}
    assert sorted(forbidden) == sorted((set(PACKAGES) - APART) | (modules_of_runtime() - users))


def test_the_emulator_may_import_nothing_of_the_server() -> None:
    forbidden = contract("The emulator shares no code with the server")["forbidden_modules"]
    assert sorted(forbidden) == sorted(set(PACKAGES) - {"emulator"})


def test_the_wheel_carries_every_package_but_the_measurements() -> None:
    included = SETTINGS["tool"]["setuptools"]["packages"]["find"]["include"]
    assert sorted(name.removesuffix("*") for name in included) == sorted(set(PACKAGES) - {"bench"})


def test_every_package_is_typed_and_checked() -> None:
    assert sorted(SETTINGS["tool"]["mypy"]["packages"]) == sorted((*PACKAGES, "tests"))
