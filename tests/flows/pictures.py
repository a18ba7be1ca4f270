"""The picture of the two phones in `docs/images/`, from a running demo: `make pictures`, with `make demo` in another terminal."""

import json
import sys
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tests.browser import CHROMIUM, QUIET
from tests.flows.test_demo import call, chat, replies, shown, tab

TARGET: Final = Path(__file__).parents[2] / "docs" / "images" / "phones.png"
SIZE: Final[ViewportSize] = {"width": 1440, "height": 900}
SCALE: Final = 1.25


def play(page: Page) -> None:
    """One invites the other in the chat, asks for their points, and the other opens the wheel in the mini-program."""
    left, right = page.get_by_test_id("phone-left"), page.get_by_test_id("phone-right")
    left.get_by_test_id("btn-follow").click()
    for word, answer in (("签到", "签到成功"), ("邀请", "")):
        chat(left, word)
        expect(replies(left, answer) if answer else left.get_by_test_id("chat-article")).to_be_visible()
    right.get_by_test_id("btn-scan").click()
    right.get_by_test_id("scan-0").click()
    expect(replies(right, "欢迎")).to_be_visible()
    chat(right, "签到")
    expect(replies(right, "签到成功")).to_be_visible()
    right.get_by_test_id("tab-mini").click()
    app = right.frame_locator("iframe")
    expect(shown(app, "balance")).to_have_text("130")
    tab(app, "抽奖").click()
    expect(shown(app, "btn-draw").first).to_be_visible()
    expect(left.get_by_test_id("chat-custom").filter(has_text="50 积分已到账")).to_be_visible()
    chat(left, "积分")
    expect(replies(left, "当前积分 160")).to_be_visible()
    left.get_by_test_id("chat-input").blur()


def take(file: Path) -> None:
    """Take the picture from the demo whose `demo.json` this is, on two new phones."""
    address = json.loads(file.read_text(encoding="utf-8"))["emulator"]
    one, other = (
        call(f"{address}/emulator/v1/phones", {"name": name})["phone_id"] for name in ("小明", "小红")
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(
            viewport=SIZE, device_scale_factor=SCALE, locale="zh-CN", color_scheme="light"
        )
        page.goto(f"{address}/?left={one}&right={other}")
        play(page)
        page.wait_for_timeout(3_000)
        page.screenshot(path=TARGET)
        browser.close()
    Image.open(TARGET).convert("RGB").quantize(kmeans=3).save(TARGET, optimize=True)


if __name__ == "__main__":
    take(Path(sys.argv[1]))
