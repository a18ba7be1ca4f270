"""What the phone does for the mini-program's page: a made-up page asks, and its owner answers in WeChat's sheets."""

from typing import Any

import pytest
from playwright.async_api import FrameLocator, Page, Route, expect

from tests.browser import needs_chromium
from tests.emulator.member_server import MemberServer

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, needs_chromium]

ASKING = """<!doctype html><title>app</title><p id="state"></p><script>
const waiting = {}, told = [];
addEventListener("message", ({ data }) => {
  if (data.jifen === "answer") waiting[data.id]?.(data);
  if (data.jifen === "tell") told.push(data.what + " " + (data.path ?? ""));
});
let last = 0;
const begin = (what, args = {}) => {
  window.reply = undefined;
  parent.postMessage({ jifen: "ask", id: ++last, what, args }, "*");
  waiting[last] = ({ result, declined, error }) => (window.reply = JSON.parse(JSON.stringify({ result, declined, error })));
};
const answer = async () => { while (!window.reply) await new Promise((later) => setTimeout(later, 20)); return window.reply; };
</script>"""


class App:
    """The made-up page in one phone."""

    def __init__(self, page: Page, side: str) -> None:
        self._page = page
        self.phone = page.get_by_test_id(f"phone-{side}")
        self._frame: FrameLocator = self.phone.frame_locator("iframe")

    async def open(self) -> None:
        """Bring the mini-program to the front."""
        await self.phone.get_by_test_id("tab-mini").click()
        await expect(self._frame.locator("#state")).to_be_attached()

    async def begin(self, what: str, args: dict[str, Any] | None = None) -> None:
        """Ask the phone's hand to do something."""
        await self._frame.locator("body").evaluate(
            "(_, [what, args]) => begin(what, args)", [what, args or {}]
        )

    async def answer(self) -> dict[str, Any]:
        """What the hand answered."""
        answer: dict[str, Any] = await self._frame.locator("body").evaluate("() => answer()")
        return answer

    async def told(self) -> list[str]:
        """What the hand told."""
        told: list[str] = await self._frame.locator("body").evaluate("() => told")
        return told

    async def press(self, test_id: str) -> None:
        """Press a button in a sheet of this phone."""
        await self.phone.get_by_test_id(test_id).click()


async def open_apps(page: Page, server: MemberServer) -> tuple[App, App]:
    """Both phones with the made-up page in them."""

    async def fulfil(route: Route) -> None:
        await route.fulfill(body=ASKING, content_type="text/html; charset=utf-8")

    await page.route(f"{server.url}/app/**", fulfil)
    await page.goto("/?app=1")
    apps = App(page, "left"), App(page, "right")
    for app in apps:
        await app.open()
        await app.begin("login")
        assert (await app.answer())["result"]["code"]
    return apps


DIALOGS: list[tuple[str, dict[str, Any], str]] = [
    ("getPhoneNumber", {}, "phone-number"),
    ("requestPayment", {"package": "prepay_id=1"}, "payment"),
]


async def test_the_owner_allows_and_refuses(page: Page, server: MemberServer) -> None:
    left, _ = await open_apps(page, server)
    for what, args, name in DIALOGS:
        await left.begin(what, args)
        await left.press(f"{name}-reject")
        assert await left.answer() == {"declined": True}
        await left.begin(what, args)
        await left.press(f"{name}-accept")
        assert "result" in await left.answer()
    await left.begin("fly")
    assert (await left.answer())["error"] == "模拟微信还不会这个"


async def test_one_phone_scans_what_the_other_shows(page: Page, server: MemberServer) -> None:
    left, right = await open_apps(page, server)
    await right.begin("scanCode")
    await expect(right.phone.get_by_test_id("scanner")).to_contain_text("还没有二维码")
    await right.phone.get_by_text("取消", exact=True).click()
    assert await right.answer() == {"declined": True}
    await left.begin("showCode", {"kind": "miniapp", "referral": {"code": "K7M2P9", "scene": "inv_K7M2P9"}})
    await left.answer()
    await right.begin("scanCode")
    await right.press("scan-0")
    assert await right.answer() == {"result": "K7M2P9"}


async def test_a_shared_page_opens_on_the_other_phone(page: Page, server: MemberServer) -> None:
    left, right = await open_apps(page, server)
    await left.begin("share", {"title": "来领积分", "path": "/pages/index/index?scene=inv_K7M2P9"})
    await left.press("share-other")
    await left.answer()
    assert any(told.startswith("open /pages/index/index?scene=inv_K7M2P9") for told in await right.told())
    await left.begin("share", {"title": "来领积分", "path": "/pages/index/index"})
    await left.phone.get_by_test_id("share-sheet").get_by_text("取消", exact=True).click()
    assert await left.answer() == {"declined": True}


async def test_a_consent_is_asked_for_once_and_counted(
    page: Page, server: MemberServer, address: str
) -> None:
    left, _ = await open_apps(page, server)
    phones = await (await page.request.get(f"{address}/emulator/v1/phones")).json()
    template = phones[0]["consents"][0]["template_id"]
    for button, said in (("subscribe-accept", "accept"), ("subscribe-reject", "reject")):
        await left.begin("requestSubscribeMessage", {"templates": [template, "unknown"]})
        await left.press(button)
        assert (await left.answer())["result"] == {template: said, "unknown": "ban"}
