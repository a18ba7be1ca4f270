"""The phone page for people who use a keyboard, a screen reader, or a small screen."""

import re
from typing import Any

import pytest
from aiohttp import web
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Locator, Page, ViewportSize, expect

from tests.browser import needs_chromium
from tests.emulator.harness import MINIAPP_APP_ID, OA_APP_ID
from tests.emulator.test_messages import DATA, MINIAPP_TEMPLATE, OA_TEMPLATE
from tests.emulator.test_push import greet, news, seal
from tests.emulator.webhook import Webhook, silent

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    pytest.mark.slow,
    needs_chromium,
]

DESKTOP = ViewportSize(width=1440, height=900)
ON_ITS_SIDE = ViewportSize(width=844, height=390)
UPRIGHT = ViewportSize(width=375, height=812)
MENU = [
    {
        "name": "积分",
        "sub_button": [{"type": "click", "name": name, "key": name} for name in ("签到", "明细")],
    },
    {"type": "click", "name": "帮助", "key": "帮助"},
]
OPENERS = [("btn-more", "拾光咖啡"), ("btn-scan", "扫一扫"), ("owner-left", "换一个人拿这部手机")]
DARKEST = "body { background: #ece4d9 !important }"
"""The end of the page's gradient, because axe reads no gradients."""
SECRETS = {OA_APP_ID: "oa-secret", MINIAPP_APP_ID: "miniapp-secret"}


async def test_axe_finds_nothing_on_the_page_and_the_chat(page: Page, hook: Webhook) -> None:
    """The left phone's owner follows and has received all kinds, the right one's does not follow."""
    left = await _chat(page, hook)
    await _receive_every_kind(page, hook, left)
    await _examine(page, "chat")
    await page.emulate_media(color_scheme="dark")
    await _examine(page, "chat of one who likes it dark")
    for size in (ON_ITS_SIDE, UPRIGHT):
        await page.set_viewport_size(size)
        await _examine(page, f"chat, {size}")
    await page.set_viewport_size(DESKTOP)
    await left.get_by_test_id("menu-0").click()
    await _examine(page, "submenu")
    await left.get_by_test_id("menu-0").click()


@pytest.mark.parametrize(("opener", "name"), OPENERS)
async def test_axe_finds_nothing_on_a_dialog(page: Page, hook: Webhook, opener: str, name: str) -> None:
    left = await _chat(page, hook)
    await left.get_by_test_id(opener).click()
    await expect(left.get_by_role("dialog", name=name)).to_be_visible()
    await _examine(page, opener)


@pytest.mark.parametrize(("opener", "name"), OPENERS)
async def test_a_dialog_keeps_the_focus_and_gives_it_back(
    page: Page, hook: Webhook, opener: str, name: str
) -> None:
    left = await _chat(page, hook)
    await left.get_by_test_id(opener).press("Enter")
    dialog = left.get_by_role("dialog", name=name)
    await expect(dialog).to_have_attribute("aria-modal", "true")
    for key in ["Tab"] * 8 + ["Shift+Tab"] * 12:
        await expect(dialog.locator(":focus")).to_be_visible()
        await page.keyboard.press(key)
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(left.get_by_test_id(opener)).to_be_focused()
    assert not await left.locator("[inert]").count()


async def test_a_dialog_that_follows_another_gives_the_focus_back_to_the_first_opener(
    page: Page, hook: Webhook
) -> None:
    left = await _chat(page, hook)
    await left.get_by_test_id("btn-more").press("Enter")
    await left.get_by_test_id("choice-scan").press("Enter")
    await expect(left.get_by_role("dialog", name="扫一扫").locator(":focus")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(left.get_by_test_id("btn-more")).to_be_focused()


async def test_a_dialog_takes_no_focus_from_the_other_phone(page: Page, hook: Webhook) -> None:
    left = await _chat(page, hook)
    other = page.get_by_test_id("phone-right").get_by_test_id("btn-follow")
    await other.focus()
    await left.get_by_test_id("btn-more").dispatch_event("click")
    await expect(left.get_by_role("dialog")).to_be_visible()
    await expect(other).to_be_focused()
    await left.get_by_test_id("overlay").dispatch_event("click")
    await expect(left.get_by_role("dialog")).to_be_hidden()
    await expect(other).to_be_focused()


async def test_every_button_has_a_name_and_answers_the_space_bar(page: Page, hook: Webhook) -> None:
    left = await _chat(page, hook)
    for name in ("扫一扫", "更多", "发送", "积分", "帮助"):
        await expect(left.get_by_role("button", name=re.compile(name)).first).to_be_visible()
    await left.get_by_role("button", name="更多").press("Space")
    await expect(left.get_by_role("dialog", name="拾光咖啡")).to_be_visible()


async def test_escape_closes_a_submenu(page: Page, hook: Webhook) -> None:
    left = await _chat(page, hook)
    opener = left.get_by_test_id("menu-0")
    await opener.press("Enter")
    await expect(opener).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("Tab")
    await expect(left.get_by_test_id("menu-0-0")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(left.get_by_test_id("menu-0-0")).to_be_hidden()
    await expect(opener).to_be_focused()
    await expect(opener).to_have_attribute("aria-expanded", "false")


async def test_the_chat_shows_its_newest_message(page: Page, hook: Webhook) -> None:
    left = await _chat(page, hook)
    log = left.get_by_role("log", name="拾光咖啡")
    for number in range(9):
        await _say(left, f"第 {number} 句")
    await _scroll_up(log)
    await _say(left, "最后一句")
    await _shows(log, "最后一句")
    await _scroll_up(log)
    await _say_elsewhere(page, "在别处说的")
    await _shows(log, "在别处说的")


async def test_the_chat_shows_what_arrived_while_the_mini_program_was_open(page: Page, hook: Webhook) -> None:
    left = await _chat(page, hook)
    for number in range(9):
        await _say(left, f"又一句 {number}")
    await _scroll_up(left.get_by_role("log"))
    await left.get_by_test_id("tab-mini").click()
    await _say_elsewhere(page, "离开时说的")
    await expect(left.get_by_test_id("chat-log").get_by_text("离开时说的")).to_have_count(1)
    await left.get_by_test_id("tab-chat").click()
    await _shows(left.get_by_role("log"), "离开时说的")


@pytest.mark.parametrize(
    "size", [ON_ITS_SIDE, ViewportSize(width=667, height=375), ViewportSize(width=956, height=440)]
)
async def test_a_phone_on_its_side_keeps_the_chat(page: Page, hook: Webhook, size: ViewportSize) -> None:
    left = await _chat(page, hook)
    await _say(left, "横过来")
    await page.set_viewport_size(size)
    await _shows(left.get_by_role("log"), "横过来")
    for test_id in ("chat-input", "chat-send", "menu-0", "btn-more"):
        await expect(left.get_by_test_id(test_id)).to_be_in_viewport(ratio=0.99)
    height = await left.get_by_role("log").evaluate("log => log.clientHeight")
    assert height >= size["height"] * 0.5
    await _fits(page)


async def test_long_names_fit_a_narrow_phone(page: Page, hook: Webhook) -> None:
    left = await _chat(page, hook)
    await page.set_viewport_size(UPRIGHT)
    await left.get_by_test_id("owner-left").click()
    await left.get_by_test_id("new-owner-name").fill("名字很长很长很长很长很长很长很长很长的人")
    await left.get_by_test_id("new-owner").click()
    await expect(left.get_by_test_id("owner-left")).to_contain_text("名字很长")
    await _fits(page)
    for test_id in ("tab-chat", "tab-mini", "btn-follow"):
        await expect(left.get_by_test_id(test_id)).to_be_in_viewport(ratio=0.99)
    for test_id in ("show-left", "show-right", "clock-plus-month"):
        await expect(page.get_by_test_id(test_id)).to_be_in_viewport(ratio=0.99)


async def _chat(page: Page, hook: Webhook) -> Locator:
    """The left phone, whose owner follows the account; every text is answered with 您好."""
    hook.answer = greet
    await call_platform(page, "/cgi-bin/menu/create", {"button": MENU})
    left = page.get_by_test_id("phone-left")
    follow, field = left.get_by_test_id("btn-follow"), left.get_by_test_id("chat-input")
    await expect(follow.or_(field).locator("visible=true")).to_have_count(1)
    if await follow.is_visible():
        await follow.click()
    await expect(left.get_by_test_id("menu-0")).to_be_visible()
    return left


async def _receive_every_kind(page: Page, hook: Webhook, left: Locator) -> None:
    """Fill the chat with one of each kind that it can show."""

    async def article(hook: Webhook, request: web.Request, _message: str) -> web.Response:
        return seal(hook, request, news(hook.fields(), "1", 1))

    async def broken(_hook: Webhook, _request: web.Request, _message: str) -> web.Response:
        return web.Response(text="?")

    await _say(left, "你好")
    for answer in (article, broken):
        hook.answer = answer
        await _say(left, "再来")
    hook.answer = silent
    phone = await _phone(page)
    named = {"template_id": OA_TEMPLATE, "touser": phone["oa_openid"], "data": DATA}
    await call_platform(page, "/cgi-bin/message/template/send", named)
    consent = {"template_id": MINIAPP_TEMPLATE, "accept": True}
    await page.request.post(f"/emulator/v1/phones/{phone['phone_id']}/subscribe", data=consent)
    named = {"template_id": MINIAPP_TEMPLATE, "touser": phone["miniapp_openid"], "data": DATA}
    await call_platform(page, "/cgi-bin/message/subscribe/send", named, MINIAPP_APP_ID)
    for kind in ("sent", "passive", "article", "system", "template", "subscribe"):
        await expect(left.get_by_test_id(f"chat-{kind}").last).to_be_visible()


async def _examine(page: Page, shown: str) -> None:
    """Run axe with all its rules, the advice included."""
    await page.add_style_tag(content=DARKEST)
    await page.wait_for_timeout(400)  # what fades in has its colours after 0.2 s
    results = await Axe().run(page)
    assert not results.violations_count, f"{shown}: {results.generate_report()}"


async def _say(left: Locator, content: str) -> None:
    sent = left.get_by_test_id("chat-sent")
    before = await sent.count()
    await left.get_by_test_id("chat-input").fill(content)
    await left.get_by_test_id("chat-input").press("Enter")
    await expect(sent).to_have_count(before + 1)


async def _say_elsewhere(page: Page, content: str) -> None:
    """Let the message reach the page by its inbox alone."""
    phone = await _phone(page)
    await page.request.post(f"/emulator/v1/phones/{phone['phone_id']}/say", data={"text": content})


async def _phone(page: Page) -> Any:
    phones = await (await page.request.get("/emulator/v1/phones")).json()
    return next(phone for phone in phones if phone["name"] == "小明")


async def call_platform(page: Page, path: str, body: Any, app_id: str = OA_APP_ID) -> None:
    """Call WeChat as the server does, with a token of its own."""
    asked = {"grant_type": "client_credential", "appid": app_id, "secret": SECRETS[app_id]}
    token = (await (await page.request.post("/cgi-bin/stable_token", data=asked)).json())["access_token"]
    answer = await (await page.request.post(f"{path}?access_token={token}", data=body)).json()
    assert answer["errcode"] == 0, answer


async def _scroll_up(log: Locator) -> None:
    """Scroll to the oldest message."""
    assert await log.evaluate("log => { log.scrollTop = -9999; return log.scrollTop }") < -50


async def _shows(log: Locator, content: str) -> None:
    await expect(log.get_by_text(content, exact=True).last).to_be_in_viewport(ratio=0.99)
    newest = log.locator(".chat-items > *").last
    await expect(newest).to_be_in_viewport(ratio=0.99)


async def _fits(page: Page) -> None:
    wide = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide[0] <= wide[1]
