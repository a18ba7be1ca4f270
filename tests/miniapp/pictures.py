"""Pictures of every page of the mini-program, to look at: `make pictures`, with `make demo` in another terminal.

They are of the member with history, by day and by night, in the looks of the demo and of each template: one sheet for each.
"""

import json
import os
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml
from PIL import Image
from playwright.sync_api import Browser, Frame, Page, Route, ViewportSize, sync_playwright

from runtime.demo.past import HELD, NAMES
from runtime.templates import TEMPLATES, template_path
from tests.browser import CHROMIUM, QUIET
from tests.miniapp.stage import AROUND, AT_REST, MADE_UP

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "build" / "miniapp"
PAGES: Final = [
    page["path"]
    for page in json.loads((ROOT / "miniapp/src/pages.json").read_text(encoding="utf-8"))["pages"]
]
WIDTH: Final = int(os.environ.get("JIFEN_PICTURES_WIDTH", "390"))
HEIGHT: Final = 780
TALLEST: Final = 1100
ON_A_SHEET: Final = 4
GAP: Final = 16
SHOWN: Final = """path => location.hash.split('?')[0].replace(/^#\\/$/, '#/pages/index/index') === '#/' + path
  && [...document.querySelectorAll('.jf-page')].some(one => one.offsetParent && !one.querySelector('.jf-skeleton'))
  && [...document.images].every(one => one.complete)"""
"""Whether the page at `path` is shown with all that it loads."""


def call(address: str, body: dict[str, Any] | None = None) -> Any:
    """What the emulator's control API answers; a POST where there is a body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"})  # noqa: S310  # http
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # as above
        return json.load(answer)


def looks() -> Iterator[tuple[str, dict[str, Any]]]:
    """The demo's and each template's `programme`, by name."""
    files = {"demo": ROOT / "runtime/demo/rules.yaml", **{name: template_path(name) for name in TEMPLATES}}
    for name, path in files.items():
        yield name, yaml.safe_load(path.read_text(encoding="utf-8"))["programme"]


def stand(page: Page, doors: dict[str, str], programme: dict[str, Any]) -> Frame:
    """Open the mini-program of the member with history, under the brand of `programme`; returns its frame."""
    control = f"{doors['emulator']}/emulator/v1"
    phone = next(one for one in call(f"{control}/phones") if one["name"] == NAMES[HELD - 1])

    def hand(what: str, _: object) -> dict[str, Any]:
        if what != "login":
            return {"declined": True}
        code = call(f"{control}/phones/{phone['phone_id']}/login", {})["code"]
        return {"result": {"code": code, "now": call(f"{control}/clock")["now"], "path": ""}}

    def branded(route: Route) -> None:
        answer = route.fetch()
        rules = answer.json()
        rules["theme"] |= programme["theme"]
        route.fulfill(response=answer, json={**rules, "name": programme["name"], "brand": programme["brand"]})

    around = AROUND.format(server=doors["server"], path="/")
    page.expose_function("hand", hand)
    page.route("**/api/v1/rules", branded)
    page.route(f"{doors['emulator']}/", lambda route: route.fulfill(body=around, content_type="text/html"))
    page.goto(f"{doors['emulator']}/")
    frame = page.frames[1]
    frame.get_by_test_id("member-card").wait_for()
    return frame


def take(page: Page, frame: Frame, path: str, target: Path) -> None:
    """A picture of the whole of one page."""
    page.set_viewport_size(ViewportSize(width=WIDTH, height=HEIGHT))
    page.evaluate("path => tell({ what: 'open', path })", f"/{path}")
    frame.wait_for_function(SHOWN, arg=path)
    frame.wait_for_function(AT_REST)
    tall = frame.evaluate("() => document.documentElement.scrollHeight")
    page.set_viewport_size(ViewportSize(width=WIDTH, height=min(TALLEST, max(HEIGHT, tall))))
    page.screenshot(path=target)


def sheet(files: list[Path], target: Path) -> None:
    """The pictures side by side."""
    pictures = [Image.open(file).convert("RGB") for file in files]
    size = ((WIDTH + GAP) * len(pictures), max(picture.height for picture in pictures))
    whole = Image.new("RGB", size, "#8a8a8a")
    for place, picture in enumerate(pictures):
        whole.paste(picture, (place * (WIDTH + GAP), 0))
    whole.save(target, optimize=True)


def take_all(
    browser: Browser, doors: dict[str, str], name: str, programme: dict[str, Any], scheme: Any
) -> None:
    """Every page under one brand by day or by night."""
    page = browser.new_page(color_scheme=scheme, locale="zh-CN", reduced_motion="reduce")
    frame = stand(page, doors, programme)
    files = []
    for path in PAGES:
        files.append(FOLDER / f"{name}-{scheme}-{path.removeprefix('pages/').replace('/', '-')}.png")
        take(page, frame, path, files[-1])
    for at in range(0, len(files), ON_A_SHEET):
        sheet(files[at : at + ON_A_SHEET], FOLDER / f"sheet-{name}-{scheme}-{at // ON_A_SHEET + 1}.png")
    page.close()


def main(file: Path, wanted: list[str]) -> None:
    """Take the pictures from the demo whose `demo.json` this is; of the `wanted` brands, or of all."""
    doors = json.loads(file.read_text(encoding="utf-8"))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, MADE_UP])
        for name, programme in looks():
            for scheme in ("light", "dark") if name in (wanted or [name]) else ():
                take_all(browser, doors, name, programme, scheme)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
