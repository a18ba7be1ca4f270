"""A made-up mini-program for the phone page's tests: its page asks the hand for what the test says; and the server of the page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import FrameLocator, Page, expect

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


@dataclass
class AppServer:
    """Serves the page, or 503 while it is `away`."""

    url: str = ""
    away: bool = False

    async def page(self, _: web.Request) -> web.Response:
        if self.away:
            return web.Response(status=503)
        return web.Response(body=ASKING, content_type="text/html", charset="utf-8")


@asynccontextmanager
async def listening_app_server() -> AsyncIterator[AppServer]:
    """The server on a free port."""
    app_server = AppServer()
    app = web.Application()
    app.router.add_get("/app/", app_server.page)
    server = TestServer(app)
    await server.start_server()
    app_server.url = str(server.make_url("/")).rstrip("/")
    try:
        yield app_server
    finally:
        await server.close()


class App:
    """The made-up mini-program in one phone of the page."""

    def __init__(self, page: Page, side: str) -> None:
        self.phone = page.get_by_test_id(f"phone-{side}")
        self._frame: FrameLocator = self.phone.frame_locator("iframe")

    async def open(self) -> None:
        """Bring the mini-program to the front."""
        await self.phone.get_by_test_id("tab-mini").click()
        await self.loaded()

    async def loaded(self) -> None:
        """Wait for the page."""
        await expect(self._frame.locator("#state")).to_be_attached()

    async def begin(self, what: str, args: dict[str, Any] | None = None) -> None:
        """Ask the phone's hand to do something."""
        await self.run("([what, args]) => begin(what, args)", [what, args or {}])

    async def answer(self) -> dict[str, Any]:
        """What the hand answered."""
        answer: dict[str, Any] = await self.run("() => answer()")
        return answer

    async def log_in(self) -> dict[str, Any]:
        """Begin as the real page does; what the hand gave."""
        await self.begin("login")
        given: dict[str, Any] = (await self.answer())["result"]
        assert given["code"]
        return given

    async def hears(self, news: str) -> None:
        """Wait until the hand has told this."""
        await self.run(
            "async (news) => { while (!told.includes(news)) await new Promise((later) => setTimeout(later, 20)); }",
            news,
        )

    async def run(self, script: str, given: object = None) -> Any:
        """The result of a function in the page."""
        return await self._frame.locator("body").evaluate(f"(_, given) => ({script})(given)", given)

    async def press(self, test_id: str) -> None:
        """Press a button in a sheet of this phone."""
        await self.phone.get_by_test_id(test_id).click()


async def open_apps(page: Page) -> tuple[App, App]:
    """Both phones with the made-up page in them."""
    apps = App(page, "left"), App(page, "right")
    for app in apps:
        await app.open()
        await app.log_in()
    return apps
