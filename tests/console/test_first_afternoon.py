"""The first afternoon of a new shop: from a template to a member with a voucher, in a browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from base.clock import MovableClock
from loyalty.programme.publishing.versions import newest
from tests.browser import needs_chromium
from tests.console.desks import Desks
from tests.console.shop import Shop, open_shop
from tests.ledger import START, Ledger, empty
from tests.phones import Phones, open_phones, redeem_on_the_phone

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, needs_chromium]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phones(
    migrated_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Phones]:
    folder = tmp_path_factory.mktemp("phones")
    async with open_phones(migrated_url, redis_url, folder, MovableClock(START)) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def new_shop(
    phones: Phones,
    migrated_url: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
    cheap_hashes: None,
) -> AsyncIterator[Shop]:
    """A shop that has published no rules yet, on the clock of the members' server."""
    resources = phones.resources
    await empty(resources.pool)
    ledger = Ledger(resources.pool, resources.engine, phones.clock, database_url=migrated_url)
    async with open_shop(ledger, redis_url, tmp_path_factory.mktemp("new")) as shop:
        yield shop


async def test_from_a_template_to_a_voucher(new_shop: Shop, phones: Phones, browser: Browser) -> None:
    ledger, desks = new_shop.ledger, Desks(new_shop, browser)
    page = await desks.at("owner", "/")
    await page.get_by_role("link", name="选一个行业模板开始").click()
    await page.get_by_test_id("template-restaurant").click()
    await page.wait_for_url("**/rules/review")
    await expect(page.get_by_text("这是第一版规则，发布以后会员就能用了。")).to_be_visible()
    await desks.at("owner", "/rules/edit/rewards/0")
    await page.get_by_test_id("rewards.0.name").fill("卤蛋两个")
    await page.get_by_test_id("rewards.0.price_points").fill("1")
    await expect(page.get_by_text("「卤蛋两个」：1 积分").first).to_be_visible()
    await page.get_by_test_id("save").click()
    await page.wait_for_url("**/rules/edit/rewards")
    await desks.at("owner", "/rules/edit/wheels/0")
    await expect(page.get_by_text("概率合计 100%，正好")).to_be_visible()
    await desks.at("owner", "/rules/review")
    await page.get_by_test_id("reason").fill("开张")
    await page.get_by_test_id("publish").click()
    await page.wait_for_url("**/rules/history")
    await expect(page.get_by_text("已发布为第 1 版。")).to_be_visible()
    assert await newest(ledger.pool) == 1
    await redeem_on_the_phone(browser, phones.url, "卤蛋两个")
    member_id = await ledger.pool.fetchval("SELECT member_id FROM redemption")
    await desks.at("owner", f"/members/{member_id}?tab=vouchers")
    await expect(page.get_by_role("row", name="卤蛋两个")).to_contain_text("待使用")
    assert desks.errors == []
    await desks.close()
