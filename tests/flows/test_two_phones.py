"""Two members with a phone each, side by side: an invitation from app to app, a sign-in in the chat, a voucher."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from base.clock import MovableClock
from tests.browser import CHROMIUM, QUIET, needs_chromium
from tests.ledger import START, demo_rules, empty, publish_demo
from tests.phones import Phone, Phones, open_page, open_phones

pytestmark = [pytest.mark.browser, needs_chromium]

GIFT = 100
SIGN_IN = 10


@pytest.fixture
async def phones(migrated_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Phones]:
    async with open_phones(migrated_url, redis_url, tmp_path, MovableClock(START)) as opened:
        await empty(opened.resources.pool)
        await opened.resources.redis.flushdb()
        await publish_demo(opened.resources.engine)
        yield opened


async def test_a_friend_comes_by_a_scan_and_both_go_on(phones: Phones) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = await open_page(browser, phones.url)
        ming, hong = Phone(page, "left"), Phone(page, "right")
        await _invite_from_app_to_app(ming, hong)
        await _sign_in_by_the_chat(ming)
        await _redeem_and_find_the_voucher(ming)
        await browser.close()


async def _invite_from_app_to_app(ming: Phone, hong: Phone) -> None:
    """The friend joins by the code on the screen of the other; after their first sign-in both have the points of the rules."""
    rule = demo_rules().referral
    await ming.part("tab-mini").click()
    await expect(ming.find("balance")).to_have_text(str(GIFT))
    await ming.tab("我的").click()
    await ming.find("go-referral").click()
    await expect(ming.find("referral-invited")).to_have_text("0")
    poster = await ming.find("poster").locator("img").get_attribute("src")
    await ming.find("poster-miniapp").click()
    await expect(ming.find("poster").locator("img")).not_to_have_attribute("src", poster or "")

    await hong.part("btn-scan").click()
    await expect(hong.part("scan-0")).to_contain_text("小明小程序里的邀请海报（小程序码）")
    await hong.part("scan-0").click()
    await expect(hong.find("invited")).to_contain_text("邀请来的，已经记下了")
    await hong.find("invited-home").click()
    await hong.find("btn-checkin").click()
    await expect(hong.find("balance")).to_have_text(str(GIFT + SIGN_IN + rule.friend_points))

    await ming.part("tab-mini").click()
    await expect(ming.find("referral-invited")).to_have_text("1")
    await expect(ming.find("referral-qualified")).to_have_text("1")
    await expect(ming.find("referral-earned")).to_have_text(str(rule.inviter_points))


async def _sign_in_by_the_chat(ming: Phone) -> None:
    """What the chat did is in the mini-program of the same phone, which was open meanwhile."""
    balance = str(GIFT + SIGN_IN + demo_rules().referral.inviter_points)
    await ming.part("tab-chat").click()
    await ming.part("btn-follow").click()
    await ming.say("签到", "签到成功 +10 分")
    await ming.part("tab-mini").click()
    await ming.app.locator(".uni-page-head-btn >> visible=true").first.click()
    await ming.tab("首页").click()
    await expect(ming.find("btn-checkin")).to_have_text("今日已签到")
    await expect(ming.find("balance")).to_have_text(balance)


async def _redeem_and_find_the_voucher(ming: Phone) -> None:
    """The voucher of a reward stands among the member's own, and shows a code there as well."""
    await ming.redeem("手工曲奇")
    await ming.find("voucher-close").click()
    await ming.tab("我的").click()
    await ming.find("go-redemptions").click()
    await expect(ming.find("redemption")).to_have_count(1)
    await expect(ming.find("redemption-state")).to_have_text("待使用")
    await ming.find("btn-voucher").click()
    await expect(ming.find("voucher-code")).to_be_visible()
