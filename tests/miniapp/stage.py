"""The mini-program's web page in a phone-sized browser, against the real server; the test plays the emulator's hand.

The page around it is made up by the test at the address of the emulator, which is the only one that the server lets embed it.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import FrameLocator, Locator, Page, Route, ViewportSize, async_playwright

from base.settings import DEMO_OA_APP_ID
from tests.browser import CHROMIUM, QUIET
from tests.emulator.harness import Phone
from tests.house import House, open_house

PHONE = ViewportSize(width=390, height=780)
NARROW = ViewportSize(width=320, height=640)
PICTURES = os.environ.get("JIFEN_TEST_PICTURES")
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
MADE_UP = "--disable-features=LocalNetworkAccessChecks"
"""The page around has no address in the local network, and Chromium lets no other page embed one from there."""
AROUND = """<!doctype html><style>body {{ margin: 0 }} iframe {{ border: 0; width: 100vw; height: 100vh }}</style>
<iframe title="小程序" referrerpolicy="origin" src="{server}/app/?phone=1#{path}"></iframe>
<script>
addEventListener("message", async ({{ data, source, origin }}) => {{
  if (data.jifen === "ask") source.postMessage({{ jifen: "answer", id: data.id, ...(await hand(data.what, data.args)) }}, origin);
}});
const tell = (news) => document.querySelector("iframe").contentWindow.postMessage({{ jifen: "tell", ...news }}, "{server}");
</script>"""
TOUCHED_PX = 44
"""What a finger needs: each side of what is tapped."""
TOO_SMALL = """least => [...document.querySelectorAll(
    '.jf button, .jf uni-button, .jf [role=button], .jf [role=tab], .jf input, .jf textarea')]
  .filter(one => one.checkVisibility())
  .map(one => [one.dataset.testid || one.className, one.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < least - 0.5)
  .map(([name, box]) => `${name} ${Math.round(box.width)}x${Math.round(box.height)}`)"""
"""What of the mini-program's own is tapped and smaller than that; a link within a sentence is not looked at."""
CUT = """() => [...document.querySelectorAll('.jf *')]
  .filter(one => one.checkVisibility() && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
  .filter(one => {
    const style = getComputedStyle(one);
    if (style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none') return false;
    return style.overflow !== 'visible' && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
  })
  .map(one => one.textContent)"""
"""Texts that do not fit where they stand, but for those that end in … on purpose."""
LARGE = (
    """times => document.querySelectorAll('.jf').forEach(one => one.style.setProperty('--scale', times))"""
)
"""Makes letters so many times as large, as the member's setting does."""
AT_REST = """() => !document.querySelector(".is-pressed") && document.getAnimations().every(
    one => one.playState !== "running" || one.effect.getTiming().iterations === Infinity)"""
"""Whether nothing on the page is pressed, moves or fades, but for what does so for ever."""


@dataclass
class Stage:
    """One member's phone with the page on it. `answers` are what the hand answers to what it is asked, the log-in apart."""

    house: House
    phone: Phone
    page: Page
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def app(self) -> FrameLocator:
        """The mini-program."""
        return self.page.frame_locator("iframe")

    def find(self, test_id: str) -> Locator:
        """What has this `data-testid` on the page that is shown."""
        return self.app.get_by_test_id(test_id).locator("visible=true")

    def tab(self, name: str) -> Locator:
        """A tab below the page."""
        return self.app.locator("uni-tabbar").get_by_text(name, exact=True)

    async def open(self, path: str = "/") -> None:
        """Open the mini-program at a page."""
        html = AROUND.format(server=self.house.server_url, path=path)

        async def answer(route: Route) -> None:
            await route.fulfill(body=html, content_type="text/html; charset=utf-8")

        around = f"http://127.0.0.1:{self.house.resources.settings.emulator_port}/"
        await self.page.unroute(around)
        await self.page.route(around, answer)
        await self.page.goto(around)

    async def tell(self, what: str) -> None:
        """Tell the page what the emulator tells it, with the house's time."""
        news = {"what": what, "now": self.house.clock.now().isoformat()}
        await self.page.evaluate("news => tell(news)", news)

    async def look(self, name: str) -> None:
        """Nothing is wider than the narrowest phone, nor with letters twice as large; taps have room, and axe finds nothing.

        A picture is kept where one is asked for.
        """
        frame = self.page.frames[1]
        for size, times in ((NARROW, 2), (NARROW, 1), (PHONE, 1)):
            await self.page.set_viewport_size(size)
            await frame.evaluate(LARGE, times)
            body = self.app.locator("body")
            assert await body.evaluate("body => body.scrollWidth") <= size["width"], (name, size, times)
            assert not await frame.evaluate(CUT), (name, size, times)
        await self.app.locator(".uni-simple-toast__text").wait_for(state="hidden")
        await frame.wait_for_function(
            AT_REST
        )  # what is pressed is smaller, and what fades has nobody's colours
        assert not (small := await frame.evaluate(TOO_SMALL, TOUCHED_PX)), (name, small)
        found = await Axe().run(frame, options={"runOnly": STANDARD})
        assert not found.response["violations"], (name, found.generate_report())
        if PICTURES:
            await self.page.screenshot(path=Path(PICTURES) / f"{name}.png")

    async def _hand(self, what: str, _: object) -> dict[str, Any]:
        if what == "login":
            now = self.house.clock.now().isoformat()
            return {"result": {"code": await self.phone.login(), "now": now, "path": ""}}
        if what == "privacySetting" and what not in self.answers:
            return {"result": {"needAuthorization": False}}
        return self.answers.get(what, {"declined": True})


@asynccontextmanager
async def on_stage(
    database_url: str, redis_url: str, folder: Path, ports: tuple[int, int], name: str = "小明"
) -> AsyncIterator[Stage]:
    """A house as in the demo, and a phone in it. Faults of the page's scripts and of its policy are collected."""
    server, emulator = ports
    settings: dict[str, Any] = {"oa_app_id": DEMO_OA_APP_ID, "emulator_port": emulator}
    async with (
        open_house(
            database_url, redis_url, folder, server, **settings, emulator={"oa_app_id": DEMO_OA_APP_ID}
        ) as house,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, MADE_UP])
        page = await browser.new_page(viewport=PHONE)
        stage = Stage(house, await house.phone(name), page)
        page.on("pageerror", lambda error: stage.faults.append(str(error)))
        page.on(
            "console",
            lambda said: stage.faults.append(said.text) if "Content Security Policy" in said.text else None,
        )
        await page.expose_function("hand", stage._hand)
        yield stage
        await browser.close()
