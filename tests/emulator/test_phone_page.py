"""The phone page in a real browser, against a running emulator, a webhook and a made-up mini-program."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser import needs_chromium
from tests.emulator.harness import MINIAPP_APP_ID
from tests.emulator.made_up_app import App, AppServer
from tests.emulator.test_messages import DATA, OA_TEMPLATE
from tests.emulator.test_phone_access import call_platform
from tests.emulator.webhook import Webhook

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    needs_chromium,
]

PAGES = ("pages/games/index", "pages/rewards/redemptions?from=notice")


async def test_two_people_find_their_phones_and_chat(page: Page, hook: Webhook) -> None:
    left = page.get_by_test_id("phone-left")
    await expect(page.get_by_test_id("owner-left")).to_contain_text("小明")
    await expect(page.get_by_test_id("owner-right")).to_contain_text("小红")
    await left.get_by_test_id("btn-follow").click()
    await left.get_by_test_id("chat-input").fill("签到")
    await left.get_by_test_id("chat-input").press("Enter")
    await expect(left.get_by_test_id("chat-sent")).to_contain_text("签到")
    await expect(left.get_by_test_id("chat-input")).to_have_value("")
    assert hook.fields()["Content"] == "签到"


async def test_a_phone_is_drawn_with_the_foot_that_fits_its_owner(page: Page) -> None:
    """At once, and not after a second: what is typed into a field that then goes away is lost."""
    drawn = await (await page.request.get("/")).text()
    feet = re.findall(r'"class":\[("chat-foot"[^\]]*)\]', drawn)
    assert len(feet) == 4
    for pair in (feet[:2], feet[2:]):
        assert ["hidden" in foot for foot in pair].count(True) == 1


async def test_nothing_is_loaded_from_elsewhere(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.reload()
    await expect(page.get_by_test_id("clock-now")).to_contain_text("星期")
    assert asked
    assert all(url.startswith((address, "data:")) for url in asked)


async def test_time_passes_on_request(page: Page) -> None:
    now = page.get_by_test_id("clock-now")
    await expect(now).to_have_text("2026年3月2日 星期一 10:00")
    await page.get_by_test_id("clock-plus-week").click()
    await expect(now).to_have_text("2026年3月9日 星期一 10:00")
    await expect(page.get_by_test_id("clock-toast")).to_contain_text("2026年3月9日")


async def test_the_mini_program_can_keep_something_whatever_the_machine_is_called(
    page: Page, address: str
) -> None:
    await page.goto(address.replace("127.0.0.1", "localhost"))
    left = App(page, "left")
    await left.open()
    await left.run("() => localStorage.setItem('kept', '1')")
    assert await left.run("() => localStorage.getItem('kept')") == "1"


async def test_the_mini_program_hears_that_the_clock_was_moved(page: Page) -> None:
    left = App(page, "left")
    await left.open()
    before = (await left.log_in())["now"]
    await page.get_by_test_id("clock-plus-day").click()
    await left.hears("changed ")
    assert (await left.log_in())["now"] > before


async def test_a_page_that_is_asked_for_before_the_mini_program_is_loaded(page: Page) -> None:
    left, right = App(page, "left"), App(page, "right")
    await right.open()
    await right.log_in()
    await right.begin("share", {"title": "来", "path": "/pages/tiers/index"})
    await right.press("share-other")
    await left.loaded()
    assert (await left.log_in())["path"] == "/pages/tiers/index"
    assert (await left.log_in())["path"] == ""


async def test_a_menu_and_a_notice_open_the_mini_program_at_their_pages(page: Page, hook: Webhook) -> None:
    left = App(page, "left")
    jump = {"type": "miniprogram", "name": "商城", "url": "https://m", "appid": MINIAPP_APP_ID}
    await call_platform(page, "/cgi-bin/menu/create", {"button": [jump | {"pagepath": PAGES[0]}]})
    phone = (await (await page.request.get("/emulator/v1/phones")).json())[0]
    await page.request.post(f"/emulator/v1/phones/{phone['phone_id']}/follow")
    await left.press("menu-0")
    await left.loaded()
    assert (await left.log_in())["path"] == f"/{PAGES[0]}"
    await left.press("tab-chat")
    template = {"template_id": OA_TEMPLATE, "touser": phone["oa_openid"], "data": DATA}
    linked = {"miniprogram": {"appid": MINIAPP_APP_ID, "pagepath": PAGES[1]}}
    await call_platform(page, "/cgi-bin/message/template/send", template | linked)
    await left.press("chat-template")
    await left.hears(f"open /{PAGES[1]}")


async def test_a_server_that_is_away_is_asked_again(page: Page, server: AppServer) -> None:
    left = App(page, "left")
    server.away = True
    await left.press("tab-mini")
    await expect(left.phone.get_by_test_id("miniapp-sorry")).to_contain_text("服务开小差了，请稍后再试")
    server.away = False
    await left.press("miniapp-retry")
    await left.loaded()
    await expect(left.phone.get_by_test_id("miniapp-sorry")).to_be_hidden()


async def test_the_home_line_covers_nothing_of_the_mini_program(page: Page) -> None:
    left = App(page, "left")
    await left.open()
    frame = await left.phone.locator("iframe").bounding_box()
    line = await left.phone.locator(".home-line").bounding_box()
    assert frame is not None
    assert line is not None
    assert frame["y"] + frame["height"] <= line["y"]


async def test_a_narrow_screen_shows_one_phone_as_wide_as_itself(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(page.get_by_test_id("phone-right")).to_be_hidden()
    box = await page.get_by_test_id("phone-left").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    await page.get_by_test_id("show-right").click()
    await expect(page.get_by_test_id("phone-right")).to_be_visible()
    await expect(page.get_by_test_id("phone-left")).to_be_hidden()
