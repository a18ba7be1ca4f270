"""The pages on architecture and words name files and functions: each of them must be there. Also what no module may import."""

import ast
import re
import subprocess
import sys

import pytest

from tests.source import PACKAGES, ROOT, parsed

PAGE = ROOT / "docs" / "architecture.md"
WORDS = ROOT / "docs" / "words.md"
DECISIONS = ROOT / "docs" / "decisions"
NAMED = re.compile(r"`((?:" + "|".join((*PACKAGES, "tests")) + r")/[\w/]+(?:\.py|/))(?:::([\w.]+))?`")
LINKED = re.compile(r"\]\(([^)#:]+)\)")


def named() -> list[tuple[str, str]]:
    return sorted(
        {found for page in (PAGE, WORDS) for found in NAMED.findall(page.read_text(encoding="utf-8"))}
    )


def defines(source: str, name: str) -> bool:
    """Whether a module has that function or class; `Class.method` looks inside the class."""
    body: list[ast.stmt] = parsed(source).body
    for part in name.split("."):
        found = next(
            (
                node
                for node in body
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
                and node.name == part
            ),
            None,
        )
        if found is None:
            return False
        body = found.body
    return True


@pytest.mark.parametrize(("file", "name"), named())
def test_what_the_page_names_is_there(file: str, name: str) -> None:
    path = ROOT / file
    assert path.exists()
    assert not name or defines(path.read_text(encoding="utf-8"), name)


def test_the_page_names_the_four_journeys_and_its_links_lead_somewhere() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if re.match(r"### \d\.", line)][3:]
    assert len(named()) > 50
    for link in LINKED.findall(text):
        assert (PAGE.parent / link).exists(), link


def test_each_decision_has_a_number_of_its_own_and_is_listed_in_order() -> None:
    files = sorted(path.name for path in DECISIONS.glob("0*.md"))
    assert len({name[:4] for name in files}) == len(files)
    listed = re.findall(
        r"^\| \[(\d{4})\]\((.+?)\)", (DECISIONS / "README.md").read_text(encoding="utf-8"), re.M
    )
    assert [name for _, name in listed] == files
    for number, name in listed:
        assert (DECISIONS / name).read_text(encoding="utf-8").startswith(f"# {number} "), name


@pytest.mark.parametrize(
    ("name", "there"), [("f", True), ("C", True), ("C.m", True), ("g", False), ("C.f", False), ("f.m", False)]
)
def test_a_name_that_is_not_there_is_found_out(name: str, there: bool) -> None:
    source = "async def f(): ...\nclass C:\n    def m(self): ...\n"
    assert defines(source, name) is there


def test_no_command_makes_a_metric_before_they_are_shared() -> None:
    """`share_metrics` must come first, so the command line imports nothing that counts."""
    code = "import runtime.cli, sys; sys.exit('base.gauges' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
