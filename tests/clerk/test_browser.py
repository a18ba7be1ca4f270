"""The clerk's page in a browser of a phone's size: three steps, thumbs, a screen reader, a camera, no scripts."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from tests.browser import CHROMIUM, QUIET, needs_chromium
from tests.clerk.counter import Shop
from tests.operators.desks import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_chromium]

PHONE = ViewportSize(width=390, height=844)
NARROW = ViewportSize(width=320, height=568)
THUMB_PX = 44
PICTURES = os.environ.get("JIFEN_TEST_PICTURES")
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
READS_CODES = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return [{ rawValue: "CODE" }]; }
};
"""
"""In place of Chromium's own detector, which on Linux reads nothing."""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *CAMERA])
        yield browser
        await browser.close()


async def logged_in(shop: Shop, browser: Browser, *, scripts: bool = True) -> tuple[BrowserContext, Page]:
    """The counter's page on the phone of a clerk."""
    clerk = await shop.staff("小王", store="one")
    context = await browser.new_context(viewport=PHONE, java_script_enabled=scripts, base_url=clerk.url)
    await context.add_cookies(
        [{"name": name, "value": value, "url": f"{clerk.url}/clerk"} for name, value in clerk.cookies.items()]
    )
    page = await context.new_page()
    await page.goto("/clerk")
    return context, page


async def examine(page: Page, shown: str) -> None:
    """Axe finds nothing, every button is as large as a thumb, and nothing is wider than the narrowest phone."""
    for size in (NARROW, PHONE):
        await page.set_viewport_size(size)
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], (shown, width)
    for button in await page.locator("button:visible, a:visible, input:visible, select:visible").all():
        box = await button.bounding_box()
        assert box is not None
        assert box["height"] >= THUMB_PX, (shown, await button.inner_text(), box)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        results = await Axe().run(page)
        assert not results.violations_count, f"{shown}, {scheme}: {results.generate_report()}"
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"{shown}-{scheme}.png", full_page=True)
    await page.emulate_media(color_scheme="light")


async def test_three_steps_on_a_phone(shop: Shop, browser: Browser) -> None:
    """O11: a clerk opens the page, sends the code, confirms."""
    code = await shop.code()
    context, page = await logged_in(shop, browser)
    await examine(page, "1-front")
    await page.get_by_label("券码或会员码").fill(code)
    await page.get_by_role("button", name="查询").click()
    await expect(page.get_by_role("heading", name="杯子")).to_be_visible()
    await examine(page, "2-voucher")
    await page.get_by_role("button", name="核销").click()
    await expect(page.get_by_role("status")).to_contain_text("核销成功")
    await examine(page, "3-done")
    await page.get_by_role("link", name="下一位").click()
    await page.get_by_role("link", name="今天核销的").click()
    await expect(page.get_by_text("1 张券，共 1 份")).to_be_visible()
    await examine(page, "4-today")
    await context.close()


async def test_a_members_code_and_what_cannot_be_used(shop: Shop, browser: Browser) -> None:
    code = await shop.code()
    context, page = await logged_in(shop, browser)
    await page.get_by_label("券码或会员码").fill(shop.member_code())
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="小明")).to_be_visible()
    await examine(page, "5-member")
    await page.get_by_role("button", name="杯子").click()
    await page.get_by_role("button", name="核销").click()
    await expect(page.get_by_role("status")).to_contain_text("核销成功")
    shop.house.clock.advance(600)
    await page.goto("/clerk")
    await page.get_by_label("券码或会员码").fill(code)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("经手人：小王，门店：人民路店")
    await examine(page, "6-used")
    await page.goto("/clerk")
    await page.get_by_label("券码或会员码").fill("K7M9PQ2RTUVW")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("没有这个码")
    await examine(page, "7-unknown")
    await context.close()


async def test_the_camera_reads_a_code(shop: Shop, browser: Browser) -> None:
    code = await shop.code()
    context, page = await logged_in(shop, browser)
    await expect(page.get_by_role("button", name="扫码")).to_be_hidden()
    await context.add_init_script(READS_CODES.replace("CODE", code))
    await page.reload()
    await page.get_by_role("button", name="扫码").click()
    await expect(page.get_by_role("heading", name="杯子")).to_be_visible()
    await context.close()


async def test_without_scripts_a_code_can_be_typed(shop: Shop, browser: Browser) -> None:
    code = await shop.code()
    context, page = await logged_in(shop, browser, scripts=False)
    await page.get_by_label("券码或会员码").fill(code)
    await page.get_by_role("button", name="查询").click()
    await page.get_by_role("button", name="核销").click()
    await expect(page.get_by_role("status")).to_contain_text("核销成功")
    await context.close()


async def test_the_first_log_in_on_a_phone(shop: Shop, browser: Browser) -> None:
    once, person = await shop.hired("小李", "clerk", "two")
    context = await browser.new_context(viewport=PHONE, base_url=shop.house.server_url)
    page = await context.new_page()
    await page.goto("/clerk")
    await examine(page, "8-login")
    await page.get_by_label("名字").fill("小李")
    await page.get_by_label("密码").fill(once)
    await page.get_by_role("button", name="登录").click()
    await expect(page.get_by_role("heading", name="第一次登录")).to_be_visible()
    await examine(page, "9-set-up")
    person.secret = await page.locator("code").inner_text()
    await page.get_by_label("新密码（至少 10 位）").fill(PASSWORD)
    await page.get_by_label("再输一遍新密码").fill(PASSWORD)
    await page.get_by_label("验证器上的 6 位数字").fill(person.code())
    await page.get_by_role("button", name="保存并登录").click()
    await expect(page.get_by_text("解放路店 · 小李")).to_be_visible()
    await page.get_by_role("button", name="退出").click()
    await expect(page.get_by_role("heading", name="门店核销")).to_be_visible()
    await context.close()
