"""Members' phones for a test: the server that their apps call, and the phone page in front of it, in a process of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, FrameLocator, Locator, Page, expect
from pydantic import SecretStr

from base.clock import MovableClock
from base.settings import DEMO_OA_APP_ID
from runtime.listening import listening
from runtime.resources import Resources, open_resources
from runtime.server import create_server
from tests.alive import until_alive
from tests.emulator import harness, phone_program
from tests.house import made_up_settings
from tests.runtime.forked import around, begin


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@dataclass(frozen=True)
class Phones:
    """The address of the phone page, and what the server behind it works with and goes by."""

    url: str
    resources: Resources
    clock: MovableClock


@asynccontextmanager
async def open_phones(
    database_url: str, redis_url: str, folder: Path, clock: MovableClock
) -> AsyncIterator[Phones]:
    """A server on this database with the phone page in front of it, whose own clock stands at the tests' start.

    The account is the demo's: the server lets nobody else's page embed the mini-program.
    """
    server_port, page_port = _free_port(), _free_port()
    server_url, page_url = (f"http://127.0.0.1:{port}" for port in (server_port, page_port))
    made_up = harness.made_up_config(folder, "")
    settings = made_up_settings(
        database_url, redis_url, folder, wechat_api_base=page_url, emulator_port=page_port,
        oa_app_id=DEMO_OA_APP_ID, oa_app_secret=SecretStr(made_up.oa.secret),
        miniapp_app_secret=SecretStr(made_up.miniapp.secret), oa_token=SecretStr(made_up.oa_token),
    )  # fmt: skip
    log = folder / "phone.log"
    program = begin(
        around(log), phone_program.main, str(folder), str(page_port), f"{server_url}/wechat", server_url, DEMO_OA_APP_ID
    )  # fmt: skip
    try:
        async with (
            open_resources(settings, clock) as resources,
            listening(create_server(resources), "127.0.0.1", server_port),
        ):
            await until_alive(page_url, program)
            yield Phones(page_url, resources, clock)
    finally:
        program.terminate()
        await asyncio.to_thread(program.wait)
        print(log.read_text(encoding="utf-8"))


class Phone:
    """One of the two phones of a page, with the mini-program in its frame."""

    def __init__(self, page: Page, side: str) -> None:
        self._phone = page.get_by_test_id(f"phone-{side}")
        self.app: FrameLocator = self._phone.frame_locator("iframe")

    def part(self, test_id: str) -> Locator:
        """What has this `data-testid` on the phone, outside the mini-program."""
        return self._phone.get_by_test_id(test_id)

    def find(self, test_id: str) -> Locator:
        """What has this `data-testid` on the mini-program's page that is shown."""
        return self.app.get_by_test_id(test_id).locator("visible=true")

    def tab(self, name: str) -> Locator:
        """A tab below the mini-program's page."""
        return self.app.locator("uni-tabbar").get_by_text(name, exact=True)

    async def say(self, text: str, answer: str) -> None:
        """Send a text to the account, and wait for an answer with these words."""
        await self.part("chat-input").fill(text)
        await self.part("chat-input").press("Enter")
        await expect(self.part("chat-passive").filter(has_text=answer)).to_be_visible()

    async def redeem(self, reward: str) -> None:
        """Redeem the reward in the mini-program, until its voucher's code is on the screen."""
        await self.tab("兑换").click()
        await self.find("reward").filter(has_text=reward).get_by_test_id("btn-redeem").click()
        await self.find("dialog-yes").click()
        await expect(self.find("voucher-code")).to_be_visible()


async def open_page(browser: Browser, page_url: str) -> Page:
    """The page with both phones."""
    page = await browser.new_page(viewport={"width": 1440, "height": 900}, base_url=page_url, locale="zh-CN")
    await page.goto("/")
    return page


async def redeem_on_the_phone(browser: Browser, page_url: str, reward: str) -> None:
    """Follow, sign in, open the mini-program, and redeem the reward, as a member does."""
    page = await open_page(browser, page_url)
    left = Phone(page, "left")
    await left.part("btn-follow").click()
    await left.say("签到", "签到成功")
    await left.part("tab-mini").click()
    await left.redeem(reward)
    await page.close()
