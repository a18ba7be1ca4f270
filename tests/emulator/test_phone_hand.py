"""What the phone does for the mini-program's page: a made-up page asks, and its owner answers in WeChat's sheets."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from channels.invitation import INVITE_PAGE
from tests.browser import needs_chromium
from tests.emulator.made_up_app import open_apps

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, needs_chromium]

INVITATION = {"code": "K7M2P9", "scene": "inv_K7M2P9"}
INVITED = f"/{INVITE_PAGE}?scene=inv_K7M2P9"
DIALOGS: list[tuple[str, dict[str, Any], str]] = [
    ("getPhoneNumber", {}, "phone-number"),
    ("requestPayment", {"package": "prepay_id=1"}, "payment"),
]


async def test_the_owner_allows_and_refuses(page: Page) -> None:
    left, _ = await open_apps(page)
    for what, args, name in DIALOGS:
        await left.begin(what, args)
        await left.press(f"{name}-reject")
        assert await left.answer() == {"declined": True}
        await left.begin(what, args)
        await left.press(f"{name}-accept")
        assert "result" in await left.answer()
    await left.begin("fly")
    assert (await left.answer())["error"] == "模拟微信还不会这个"


async def test_the_privacy_guideline_is_agreed_to_once_by_each_phone(page: Page) -> None:
    left, right = await open_apps(page)
    for app, needed in ((left, True), (right, True), (left, True)):
        await app.begin("privacySetting")
        assert await app.answer() == {"result": {"needAuthorization": needed}}
    await left.begin("agreePrivacy")
    assert await left.answer() == {"result": None}
    for app, needed in ((left, False), (right, True)):
        await app.begin("privacySetting")
        assert await app.answer() == {"result": {"needAuthorization": needed}}


async def test_one_phone_scans_what_the_other_shows(page: Page) -> None:
    left, right = await open_apps(page)
    await right.begin("scanCode")
    await expect(right.phone.get_by_test_id("scanner")).to_contain_text("还没有二维码")
    await right.phone.get_by_text("取消", exact=True).click()
    assert await right.answer() == {"declined": True}
    await left.begin("showCode", {"kind": "miniapp", "referral": INVITATION})
    await left.answer()
    await right.begin("scanCode")
    await right.press("scan-0")
    assert await right.answer() == {"result": INVITED}


async def test_a_scanned_code_opens_the_mini_program_at_its_page(page: Page) -> None:
    left, right = await open_apps(page)
    await left.begin("showCode", {"kind": "miniapp", "referral": INVITATION})
    await left.answer()
    await right.press("tab-chat")
    await right.press("btn-scan")
    await right.press("scan-0")
    await expect(right.phone.get_by_test_id("tab-mini")).to_have_attribute("aria-pressed", "true")
    await right.hears(f"open {INVITED}")
    await left.begin("showCode", {"kind": "oa", "referral": INVITATION})
    await left.answer()
    await right.press("tab-chat")
    await right.press("btn-scan")
    await expect(right.phone.get_by_test_id("scan-0")).to_contain_text("公众号")
    await left.begin("showCode")
    await left.answer()
    await right.phone.get_by_text("取消", exact=True).click()
    await right.press("btn-scan")
    await expect(right.phone.get_by_test_id("scanner")).to_contain_text("还没有二维码")


async def test_a_shared_page_opens_on_the_other_phone(page: Page) -> None:
    left, right = await open_apps(page)
    await left.begin("share", {"title": "来领积分", "path": INVITED})
    await left.press("share-other")
    await left.answer()
    await right.hears(f"open {INVITED}")
    await left.begin("share", {"title": "来领积分", "path": "/pages/index/index"})
    await left.phone.get_by_test_id("share-sheet").get_by_text("取消", exact=True).click()
    assert await left.answer() == {"declined": True}


async def test_a_consent_is_asked_for_once_and_counted(page: Page, address: str) -> None:
    left, _ = await open_apps(page)
    phones = await (await page.request.get(f"{address}/emulator/v1/phones")).json()
    template = phones[0]["consents"][0]["template_id"]
    for button, said in (("subscribe-accept", "accept"), ("subscribe-reject", "reject")):
        await left.begin("requestSubscribeMessage", {"templates": [template, "unknown"]})
        await left.press(button)
        assert (await left.answer())["result"] == {template: said, "unknown": "ban"}


async def test_the_phone_takes_the_colours_of_the_page_and_nothing_else(page: Page) -> None:
    left, _ = await open_apps(page)
    edges = left.phone.locator(".miniapp")
    await left.begin("paint", {"head": "#123456", "foot": "rgb(1, 2, 3)"})
    await left.answer()
    await expect(edges).to_have_css("background-color", "rgb(1, 2, 3)")
    await left.begin("paint", {"head": "#123456", "foot": "red; display: none"})
    assert await left.answer() == {"result": None}
    await left.begin("paint", {"head": "#123456", "foot": "rgb(3, 2, 1)"})
    await expect(edges).to_have_css("background-color", "rgb(3, 2, 1)")
    assert "display" not in str(await edges.get_attribute("style"))
