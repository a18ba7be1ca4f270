"""The pictures of `docs/console/`, taken from a running demo: `make pictures`, with `make demo` in another terminal."""

import json
import sys
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.browser import CHROMIUM, QUIET

FOLDER: Final = Path(__file__).parents[2] / "docs" / "console"
PICTURES: Final = {
    "overview": "/", "rules": "/rules", "reward": "/rules/edit/rewards/0", "member": "/members/5", "reports": "/reports",
}  # fmt: skip
SIZE: Final[ViewportSize] = {"width": 1280, "height": 760}
COLOURS: Final = 64


def log_in(page: Page, address: str) -> None:
    """Log the owner in with what the log-in page of the demo says."""
    page.goto(f"{address}/login")
    row = page.locator("tr", has_text="老板")
    cells = [cell.strip() for cell in row.locator("td").all_inner_texts()]
    page.fill("[name=name]", cells[0])
    page.fill("[name=password]", cells[1])
    page.fill("[name=code]", cells[2])
    page.click("button[type=submit]")
    page.wait_for_selector("h1")


def take(file: Path) -> None:
    """Take every picture from the demo whose `demo.json` this is."""
    address = json.loads(file.read_text(encoding="utf-8"))["console"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport=SIZE, locale="zh-CN", color_scheme="light")
        log_in(page, address)
        for name, path in PICTURES.items():
            page.goto(f"{address}{path}")
            page.wait_for_selector("h1")
            page.wait_for_timeout(1_500)
            target = FOLDER / f"{name}.png"
            page.screenshot(path=target)
            Image.open(target).convert("RGB").quantize(COLOURS).save(target, optimize=True)
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
