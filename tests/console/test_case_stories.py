"""A case, a lost phone and an erasure, as operators deal with them in a real browser."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from loyalty.cases.commands import DecideCase, OpenCase
from loyalty.cases.outcomes import CaseOpened
from loyalty.members.profile import rename
from loyalty.merging.run import merge
from miniapp_api.sessions import open_session
from tests.browser import needs_chromium
from tests.console.desks import Desks
from tests.console.shop import Shop

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, needs_chromium]


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def no_errors(desks: Desks) -> AsyncIterator[None]:
    desks.errors.clear()
    yield
    assert desks.errors == []


async def test_k03_a_case_is_found_looked_at_and_decided(shop: Shop, desks: Desks) -> None:
    member_id = await shop.ledger.member()
    await shop.ledger.run(OpenCase, member_id, cause="usual", found=5200, bound=400, source=1)
    page = await desks.at("operations", f"/members/{member_id}")
    await expect(page.get_by_text("暂停花积分，得积分照常")).to_be_visible()
    await page.get_by_role("link", name="看案件").click()
    await page.wait_for_url("**/cases?*")
    await desks.at("operations", "/cases")
    await expect(page.get_by_text("一天里花了 5,200 积分，平时一天约 400 积分")).to_be_visible()
    await page.get_by_role("link", name=f"{member_id}-2").click()
    await expect(page.get_by_text("开案之前的积分流水").first).to_be_visible()
    await _deed(page, "decide", {"reason": "看过订单，是本人"}, "确定")
    await expect(page.get_by_text("已解冻，会员又可以花积分了。")).to_be_visible()
    assert await _status(shop, member_id) == "open"
    await desks.at("operations", "/cases")
    await expect(page.get_by_text("没有符合条件的记录")).to_be_visible()
    await desks.at("operations", "/cases?state=released")
    await expect(page.get_by_role("link", name=f"{member_id}-2")).to_be_visible()


async def test_a_case_is_found_from_the_member_whom_its_member_was_merged_into(
    shop: Shop, desks: Desks
) -> None:
    member_id, young = await shop.ledger.member(), await shop.ledger.member()
    opened = (await shop.ledger.run(OpenCase, young, cause="usual", found=5200, bound=400, source=1)).outcome
    assert isinstance(opened, CaseOpened)
    given = {"by": "小王", "reason": "是本人", "actor": "operator"}
    await shop.ledger.run(DecideCase, young, case=opened.case, release=True, **given)
    await merge(shop.ledger.engine, (member_id, young), actor="operator", reason="同一个人")
    page = await desks.at("operations", f"/members/{member_id}")
    await page.get_by_role("link", name="看以前的案件").click()
    await page.get_by_role("link", name=f"{young}-{opened.case}").click()
    await expect(page.get_by_text(f"{young}，后来并入会员 {member_id}")).to_be_visible()


async def test_a_lost_phone_is_logged_out(shop: Shop, desks: Desks) -> None:
    member_id = await shop.ledger.member()
    await open_session(shop.ledger.pool, member_id, shop.ledger.clock.now())
    page = await desks.at("operations", f"/members/{member_id}")
    await _deed(page, "end_member_sessions", {"reason": "手机丢了"}, "让会员重新登录")
    await expect(page.get_by_text("1 个登录已失效。")).to_be_visible()
    assert await shop.ledger.count("session", member_id=member_id) == 0


async def test_a_sentence_is_read_on_a_page_that_comes_late(shop: Shop, desks: Desks) -> None:
    member_id = await shop.ledger.member()
    await open_session(shop.ledger.pool, member_id, shop.ledger.clock.now())
    page = await desks.at("operations", f"/members/{member_id}")

    async def late(route: Route) -> None:
        await asyncio.sleep(3.5)
        await route.continue_()

    await page.route(f"**/members/{member_id}*", late)
    await _deed(page, "end_member_sessions", {"reason": "手机丢了"}, "让会员重新登录")
    await page.wait_for_event("domcontentloaded")
    await expect(page.get_by_text("1 个登录已失效。")).to_be_visible()
    await page.unroute_all()


async def test_d14_an_erasure_asks_for_the_number_again(shop: Shop, desks: Desks) -> None:
    member_id = await shop.ledger.member()
    await rename(member_id, "小明", checked=True)
    page = await desks.at("operations", f"/members/{member_id}")
    await _deed(page, "erase_member", {"confirm": "0", "reason": "本人来电要求"}, "删除")
    await expect(page.get_by_text("输入的会员号不对，什么也没有删除。")).to_be_visible()
    assert await _status(shop, member_id) == "open"
    await desks.at("operations", f"/members/{member_id}")
    await _deed(page, "erase_member", {"confirm": str(member_id), "reason": "本人来电要求"}, "删除")
    await expect(page.get_by_text("个人信息已删除，账户已注销。")).to_be_visible()
    await expect(page.get_by_text("已注销").first).to_be_visible()
    assert await _status(shop, member_id) == "closed"
    assert await shop.ledger.count("member", nickname="小明") == 0


async def _deed(page: Page, button: str, given: dict[str, str], confirm: str) -> None:
    await page.get_by_test_id(button).click()
    for name, value in given.items():
        await page.get_by_test_id(f"ask-{name}").fill(value)
    await page.get_by_role("dialog").get_by_role("button", name=confirm, exact=True).click()


async def _status(shop: Shop, member_id: int) -> str:
    status: str = await shop.ledger.pool.fetchval(
        "SELECT status FROM account WHERE member_id = $1", member_id
    )
    return status
