"""The first afternoon of a new shop: from a template to a member with a voucher, in a browser."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from base.clock import MovableClock
from loyalty.checkin.commands import CheckIn
from loyalty.opening import open_engine
from loyalty.programme.versions import newest
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import Redeemed
from models.database import open_database
from tests.browser import needs_chromium
from tests.console.desks import Desks
from tests.console.shop import Shop, open_shop
from tests.ledger import KEYS, START, ZONE, Ledger, empty

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, needs_chromium]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def new_shop(
    migrated_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory, cheap_hashes: None
) -> AsyncIterator[Shop]:
    """A shop that has published no rules yet."""
    clock = MovableClock(START)
    async with open_database(migrated_url) as pool:
        await empty(pool)
        async with (
            open_engine(pool, clock, ZONE, KEYS) as engine,
            open_shop(
                Ledger(pool, engine, clock, database_url=migrated_url),
                redis_url,
                tmp_path_factory.mktemp("new"),
            ) as shop,
        ):
            yield shop


async def test_from_a_template_to_a_voucher(new_shop: Shop, browser: Browser) -> None:
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
    member_id = await ledger.member()
    await ledger.run(CheckIn, member_id)
    assert isinstance((await ledger.run(Redeem, member_id, reward="egg")).outcome, Redeemed)
    await desks.at("owner", f"/members/{member_id}?tab=vouchers")
    await expect(page.get_by_role("row", name="卤蛋两个")).to_contain_text("待使用")
    assert desks.errors == []
    await desks.close()
