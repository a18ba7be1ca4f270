"""Where the phone page leads: the address of the mini-program, its pages, and the names by which tests find elements."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import emulator.phone
from channels.invitation import INVITE_PAGE
from emulator.config import RELEASED_PAGES
from emulator.phone import shown_codes
from emulator.phone.page import app_url

ROOT = Path(__file__).parents[2]
PHONE = ROOT / "emulator" / "phone"


@pytest.mark.parametrize(
    ("server", "host", "address"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1", "http://127.0.0.1:8080/app/"),
        ("http://127.0.0.1:8080", "localhost", "http://localhost:8080/app/"),
        ("http://127.0.0.1:8080", "evil.example", "http://127.0.0.1:8080/app/"),
        ("http://127.0.0.1:8080", None, "http://127.0.0.1:8080/app/"),
        ("https://jifen.example.com", "localhost", "https://jifen.example.com/app/"),
    ],
)
def test_the_mini_program_has_the_pages_name_of_this_machine(
    server: str, host: str | None, address: str
) -> None:
    assert app_url(server, host) == address


def test_the_released_pages_are_those_of_the_mini_program() -> None:
    pages = json.loads((ROOT / "miniapp/src/pages.json").read_text(encoding="utf-8"))["pages"]
    assert tuple(page["path"] for page in pages) == RELEASED_PAGES


def test_a_scanned_code_opens_the_page_that_the_server_names_in_it() -> None:
    assert shown_codes.INVITE_PAGE == INVITE_PAGE


def test_every_named_element_is_drawn() -> None:
    """The names that the package promises to browser tests stand in its sources, as they are or around what varies."""
    names = re.findall(
        r"`([a-z]+(?:-[a-z0-9]+)+|overlay|toast|picker|picture|scanner)`", str(emulator.phone.__doc__)
    )
    assert len(names) > 30
    drawn = re.compile("|".join(_texts()))
    assert [name for name in names if not drawn.fullmatch(name)] == []


def _texts() -> Iterator[str]:
    """Every text in the sources as a pattern; those that are nothing but what varies are left out."""
    for source in PHONE.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                parts: list[ast.expr] = [node]
            elif isinstance(node, ast.JoinedStr):
                parts = node.values
            else:
                continue
            text = "".join(
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".+" for part in parts
            )
            named = re.search(r'data\\-testid="([^"]*)"', text)
            text = named[1] if named else text
            if re.sub(r"\.\+|\\-", "", text):
                yield text
