"""The mini-program's list of pages, its sources and the checked-in web build agree; no Node is needed to see it."""

import json
import re
from pathlib import Path

import miniapp_api.page
from bot.menu import HOME_PAGE
from channels.invitation import INVITE_PAGE

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "miniapp/src"
BUILT = Path(miniapp_api.page.__file__).parent / "files"
MOST_BYTES = 600_000
APP = json.loads((SOURCES / "pages.json").read_text(encoding="utf-8"))
PAGES = [page["path"] for page in APP["pages"]]
PATH = re.compile(r"[\"'`]/(pages/[\w/]+)")
NAMED = re.compile(r"(?<![\w/])pages/\w+/\w+")
"""A path as the server's programs write it, without the slash at its beginning."""
OPENED = re.compile(r"^ +page: *[\"']?([^?\"'\s]+)", re.MULTILINE)
"""The page of a message in a rule file."""


def test_the_lock_file_holds_names_and_hashes_and_no_address() -> None:
    lock = (ROOT / "miniapp/package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    assert '"integrity"' in lock


def test_every_page_has_its_source_and_a_title_and_is_pulled_down() -> None:
    assert len(PAGES) == len(set(PAGES))
    for page in APP["pages"]:
        assert (SOURCES / f"{page['path']}.vue").is_file(), page["path"]
        assert page["style"]["navigationBarTitleText"], page["path"]
        assert page["style"]["enablePullDownRefresh"], page["path"]


def test_every_path_that_a_page_opens_is_a_page() -> None:
    for source in (*SOURCES.rglob("*.vue"), *SOURCES.rglob("*.ts")):
        named = set(PATH.findall(source.read_text(encoding="utf-8")))
        assert named <= set(PAGES), source.relative_to(SOURCES)


def test_every_path_that_menus_notices_and_templates_lead_to_is_a_page() -> None:
    led_to = {HOME_PAGE, INVITE_PAGE}
    for folder in ("bot", "channels", "loyalty", "runtime", "tasks"):
        for source in (ROOT / folder).rglob("*.py"):
            led_to |= set(NAMED.findall(source.read_text(encoding="utf-8")))
        for rules in (ROOT / folder).rglob("*.yaml"):
            led_to |= set(OPENED.findall(rules.read_text(encoding="utf-8")))
    assert led_to <= set(PAGES)


def test_every_tab_is_a_page_with_its_pictures_by_day_and_by_night() -> None:
    themes = json.loads((SOURCES / "theme.json").read_text(encoding="utf-8"))
    for tab in APP["tabBar"]["list"]:
        assert tab["pagePath"] in PAGES
        selected = tab["selectedIconPath"].removeprefix("@")
        for picture in (tab["iconPath"], themes["light"][selected], themes["dark"][selected]):
            assert (SOURCES / picture).is_file(), picture
            assert (BUILT / picture).is_file(), picture


def test_the_web_build_has_every_page_and_is_small() -> None:
    files = [path for path in BUILT.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < MOST_BYTES
    scripts = "\n".join(path.read_text(encoding="utf-8") for path in files if path.suffix == ".js")
    for page in PAGES:
        assert f'{page}"' in scripts, page
    for name in re.findall(r'(?:src|href)="\./([^"]+)"', (BUILT / "index.html").read_text(encoding="utf-8")):
        assert (BUILT / name).is_file(), name
