"""What operators do in their first weeks, in a real browser: several people, one shop."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from channels.webhooks.endpoints import add_webhook
from loyalty.members.phones import bind_phone
from loyalty.programme.publishing.versions import newest
from operators.members.tails import MOST_AN_HOUR
from operators.rules.drafts import rule_draft
from operators.sessions import end_sessions_of
from partner_api.keys import find_key
from tests.browser import needs_chromium
from tests.console.desks import Desks
from tests.console.shop import Shop
from tests.ledger import KEYS

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, needs_chromium]

FAILED = """
INSERT INTO notice (member_id, kind, key, receipt_no, payload, created_at, due_at, state, attempts, channel, message_id)
VALUES ($1, 'expiry', 'x', 1, '{}', $2, $2, 'failed', 8, 'template', '7')
"""
LOOKED_OFTEN = """
INSERT INTO operation (member_id, id, at, operator, role, origin, action, subject, before, after, reason)
SELECT 0, 'look:' || n, $2, $1, 'auditor', 'x', 'look_members', '', '{}', '{"does": "find_by_tail"}', ''
FROM generate_series(1, $3::int) n
"""
HOSTILE = "<img src=x onerror=ran=1><b>"


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def no_errors(desks: Desks) -> AsyncIterator[None]:
    desks.errors.clear()
    yield
    assert desks.errors == []


async def test_what_members_write_is_shown_and_never_run(shop: Shop, desks: Desks) -> None:
    member_id = await _member(shop, HOSTILE)
    for path in ("/members", f"/members/{member_id}", "/search?q=%3Cimg"):
        page = await desks.at("operations", path)
        await expect(page.get_by_text(HOSTILE).first).to_be_visible()
        assert await page.evaluate("window.ran") is None
    assert HOSTILE in "\n".join(await page.get_by_role("link").all_inner_texts())


async def test_a_correction_above_the_limit_waits_for_a_second_person(shop: Shop, desks: Desks) -> None:
    member_id = await _member(shop, "小红")
    before = await shop.ledger.balance(member_id)
    page = await desks.at("operations", f"/members/{member_id}")
    await _deed(page, "adjust", {"points": "999999", "reason": "录错了一单"}, "调整")
    await expect(page.get_by_text("等另一个人批准")).to_be_visible()
    assert await shop.ledger.balance(member_id) == before
    await desks.at("operations", "/approvals")
    await expect(page.get_by_role("button", name="撤回申请")).to_be_visible()
    assert await page.get_by_test_id("approve").count() == 0
    second = await desks.at("finance", "/approvals")
    await second.get_by_test_id("approve").click()
    await second.get_by_role("dialog").get_by_role("button", name="批准").click()
    await expect(second.get_by_text("加了 999,999 分")).to_be_visible()
    assert await shop.ledger.balance(member_id) == before + 999_999
    await desks.at("operations", f"/members/{member_id}")
    await expect(page.get_by_text("录错了一单")).to_be_visible()


async def test_a_cheat_is_frozen_and_released(shop: Shop, desks: Desks) -> None:
    member_id = await _member(shop, "羊毛党")
    page = await desks.at("operations", f"/members/{member_id}")
    await _deed(page, "freeze", {"reason": "同一台设备注册了三十个账户"}, "冻结账户")
    await expect(page.get_by_text("账户已冻结。")).to_be_visible()
    await expect(page.get_by_text("这个账户已冻结")).to_be_visible()
    assert await _status(shop, member_id) == "frozen"
    await _deed(page, "release", {"reason": "查清楚了"}, "解冻账户")
    await expect(page.get_by_test_id("freeze")).to_be_visible()
    assert await _status(shop, member_id) == "open"


async def test_two_people_edit_the_same_section(shop: Shop, desks: Desks) -> None:
    first = await desks.at("operations", "/rules/edit/check_in")
    second = await desks.at("owner", "/rules/edit/check_in")
    await first.get_by_test_id("check_in.points").fill("12")
    await expect(first.get_by_text("12 积分").first).to_be_visible()
    await first.get_by_test_id("save").click()
    await first.wait_for_url("**/rules")
    await second.get_by_test_id("check_in.points").fill("15")
    await expect(second.get_by_text("15 积分").first).to_be_visible()
    await second.get_by_test_id("save").click()
    await expect(second.get_by_text("小运刚改过这一部分")).to_be_visible()
    await expect(second.get_by_test_id("check_in.points")).to_have_value("15")
    assert (await rule_draft(shop.ledger.pool)).value("check_in")["points"] == 12


async def test_a_worse_rule_waits_seven_days(shop: Shop, desks: Desks) -> None:
    version = await newest(shop.ledger.pool)
    page = await desks.at("owner", "/rules/review")
    await page.get_by_test_id("discard").click()
    await page.get_by_role("button", name="放弃", exact=True).click()
    await page.wait_for_url("**/rules")
    await desks.at("owner", "/rules/edit/check_in")
    await page.get_by_test_id("check_in.points").fill("1")
    await expect(page.get_by_text("得 1 积分").first).to_be_visible()
    await page.get_by_test_id("save").click()
    await page.wait_for_url("**/rules")
    await desks.at("owner", "/rules/review")
    await expect(page.get_by_text("至少要提前 7 天公布")).to_be_visible()
    await page.get_by_test_id("reason").fill("成本涨了")
    await page.get_by_test_id("when").fill("2026-03-08T10:00")
    await page.get_by_test_id("publish").click()
    await expect(page.get_by_text(re.compile("7 天")).last).to_be_visible()
    assert await newest(shop.ledger.pool) == version
    await page.get_by_test_id("when").fill("2026-03-20T10:00")
    await page.get_by_test_id("publish").click()
    await page.wait_for_url("**/rules/history")
    assert await newest(shop.ledger.pool) == version + 1
    await expect(page.get_by_text("等待生效")).to_be_visible()


async def test_a_worse_rule_of_operations_is_published_by_a_second_person(shop: Shop, desks: Desks) -> None:
    version = await newest(shop.ledger.pool)
    page = await desks.at("operations", "/rules/edit/welcome")
    await page.get_by_test_id("welcome.points").fill("1")
    await expect(page.get_by_text("1 积分").first).to_be_visible()
    await page.get_by_test_id("save").click()
    await page.wait_for_url("**/rules")
    await desks.at("operations", "/rules/review")
    await expect(page.get_by_text("要由另一个人批准")).to_be_visible()
    await page.get_by_test_id("reason").fill("预算减少")
    await page.get_by_test_id("when").fill("2026-03-08T10:00")
    await page.get_by_test_id("publish").click()
    await expect(page.get_by_text(re.compile("至少要提前 7 天公布")).last).to_be_visible()
    await page.get_by_test_id("when").fill("2026-03-25T10:00")
    await page.get_by_test_id("publish").click()
    await page.wait_for_url("**/approvals/*")
    await expect(page.get_by_role("button", name="撤回申请")).to_be_visible()
    assert await page.get_by_test_id("approve").count() == 0
    assert await newest(shop.ledger.pool) == version
    await desks.at("operations", "/rules/review")
    await expect(page.get_by_text("小运已经申请发布")).to_be_visible()
    second = await desks.at("owner", "/approvals")
    await second.get_by_role("link", name="看改了什么，再决定").click()
    for words in (
        "对会员不利的地方",
        "预算减少",
        "还没有领过新人礼的会员",
        "2026-03-25 10:00",
        f"第 {version} 版",
    ):
        await expect(second.get_by_text(words).first).to_be_visible()
    await second.get_by_test_id("approve").click()
    await second.get_by_role("dialog").get_by_role("button", name="批准").click()
    await second.wait_for_url("**/approvals")
    assert await newest(shop.ledger.pool) == version + 1
    await desks.at("owner", f"/rules/history/{version + 1}")
    await expect(second.get_by_text("小运（老板娘批准）")).to_be_visible()
    assert (await rule_draft(shop.ledger.pool)).sections == {}


async def test_a_key_gets_the_rights_that_are_ticked_and_a_webhook_is_stopped(
    shop: Shop, desks: Desks
) -> None:
    page = await desks.at("owner", "/system/keys")
    await page.get_by_test_id("new-key").click()
    dialog = page.get_by_role("dialog")
    await page.get_by_test_id("ask-name").fill("一店收银台")
    await dialog.get_by_role("button", name="新建").click()
    await expect(page.get_by_text("请填写能做什么")).to_be_visible()
    for scope in ("events", "webhooks"):
        await page.get_by_test_id(f"ask-scopes-{scope}").click()
    await dialog.get_by_role("button", name="新建").click()
    text = await page.get_by_test_id("once").inner_text()
    await page.get_by_role("button", name="知道了").last.click()
    await page.wait_for_url("**/system/keys/*")
    key = await find_key(shop.ledger.pool, text, shop.ledger.clock.now())
    assert key is not None
    assert key.scopes == ("events", "webhooks")
    url, now = "https://shop.example/hook", shop.ledger.clock.now()
    made = await add_webhook(shop.ledger.pool, KEYS, key.id, None, url, now)
    await desks.at("owner", f"/system/webhooks/{made.id}")
    await _deed(page, "stop", {"reason": "对方在搬家"}, "停下")
    await expect(page.get_by_text("操作员停下的")).to_be_visible()
    await _deed(page, "remove", {"reason": "不合作了"}, "去掉")
    await expect(page.get_by_text("已去掉").first).to_be_visible()
    assert await page.get_by_test_id("resume").count() == 0


async def test_a_file_is_tried_booked_and_its_bad_rows_taken_home(
    shop: Shop, desks: Desks, tmp_path: Path
) -> None:
    file = tmp_path / "balances.csv"
    file.write_text("会员号,积分,到期日\n7001,50,2027-01-31\n7002,x,2027-01-31\n", encoding="utf-8")
    page = await desks.at("operations", "/jobs/import")
    await page.get_by_test_id("external").fill("crm")
    await page.get_by_test_id("kind").click()
    await page.get_by_role("option", name="积分余额").click()
    await page.locator("input[type=file]").set_input_files(str(file))
    await page.wait_for_url(re.compile(r"/jobs/\d+$"))
    await expect(page.get_by_text("这是试算，什么也没有写")).to_be_visible(timeout=15_000)
    async with page.expect_download() as taken:
        await page.get_by_role("link", name="下载 balances.csv.errors.csv").click()
    bad_rows = await (await taken.value).path()
    assert b"7002" in await asyncio.to_thread(bad_rows.read_bytes)
    await page.get_by_test_id("follow").click()
    await expect(page.get_by_text("已导入 1 行")).to_be_visible(timeout=15_000)
    booked = "SELECT count(*) FROM entry WHERE amount = 50"
    assert await shop.ledger.pool.fetchval(booked) == 1
    await desks.at("operations", "/jobs?state=done")
    await expect(page.get_by_role("link", name="试算导入")).to_be_visible()


async def test_members_are_merged_and_parted_again(shop: Shop, desks: Desks) -> None:
    one, other = await _member(shop, "先来的"), await _member(shop, "后来的")
    page = await desks.at("operations", f"/members/{other}")
    await _deed(page, "merge", {"other": str(one), "reason": "同一个人换了微信"}, "合并")
    await expect(page.get_by_text("这个账户已并入")).to_be_visible()
    await expect(page.get_by_test_id("adjust")).to_have_count(0)
    await _deed(page, "unmerge", {"reason": "其实是两个人"}, "撤销合并")
    await expect(page.get_by_test_id("adjust")).to_be_visible()
    assert await _status(shop, other) == "open"


async def test_everyday_tasks_take_three_clicks(shop: Shop, desks: Desks) -> None:
    member_id, now = await _member(shop, "常客"), shop.ledger.clock.now()
    await shop.ledger.pool.execute(FAILED, member_id, now)
    page = await desks.at("owner")
    for clicks, reached in (
        (("商城", "库存", "添加礼品"), "**/rules/edit/rewards/new"),
        (("商城", "库存", "在规则里改"), "**/rules/edit/*/*"),
        (("游戏", "在规则里改"), "**/rules/edit/wheels/0"),
        (("报表", "上月"), "**/reports?first=2026-02-01&last=2026-02-28&by=day"),
        (("去看看", "再试"), "**/messages/one?*"),
    ):
        await desks.at("owner", "/")
        for words in clicks:
            await page.get_by_role("link", name=words, exact=True).first.click()
        await page.wait_for_url(reached)
        if words == "上月":
            file = page.get_by_role("link", name="导出 Excel")
            assert await file.get_attribute("href") == "/reports/file?first=2026-02-01&last=2026-02-28&by=day"
    await page.get_by_test_id("again").click()
    await expect(page.get_by_text("后台任务马上再发一次")).to_be_visible()
    await desks.at("owner", f"/members?name={member_id}")
    await expect(page.get_by_role("row", name="常客")).to_be_visible()


async def test_search_finds_people_by_what_is_at_hand(shop: Shop, desks: Desks) -> None:
    member_id = await _member(shop, "王小波的猫")
    page = await desks.at("finance", "/members")
    await page.keyboard.press("Control+k")
    await page.wait_for_url("**/search")
    for text in ("王小波", str(member_id)):
        await page.locator("input[name=q]").fill(text)
        await page.locator("input[name=q]").press("Enter")
        await expect(page.get_by_role("link", name="王小波的猫").first).to_have_attribute(
            "href", f"/members/{member_id}"
        )
    await page.locator("input[name=q]").fill("没有这样的人")
    await page.locator("input[name=q]").press("Enter")
    await expect(page.get_by_text("没有找到会员、订单和券。")).to_be_visible()


async def test_a_member_is_found_by_the_tail_of_their_phone_number(shop: Shop, desks: Desks) -> None:
    """By the search and by the list, masked; each look is in the operation log."""
    member_id = await _member(shop, "阿珍")
    await bind_phone(shop.ledger.engine, member_id, "+8613900137316", shop.ledger.clock.now())
    page = await desks.at("finance", "/search?q=7316")
    await expect(page.get_by_role("row", name="139****7316").get_by_role("link", name="阿珍")).to_be_visible()
    page = await desks.at("operations", "/members?name=7316")
    await expect(page.get_by_role("row", name="阿珍")).to_be_visible()
    looked = await shop.ledger.pool.fetchval("SELECT count(*) FROM operation WHERE action = 'look_members'")
    assert looked >= 2, "a page that is opened anew is a look of its own"


async def test_a_member_number_is_found_by_who_has_looked_for_too_many_tails(
    shop: Shop, desks: Desks
) -> None:
    pool = shop.ledger.pool
    await pool.execute("SELECT setval(pg_get_serial_sequence('member', 'member_id'), 4320)")
    assert await _member(shop, "阿珠") == 4321
    await pool.execute(LOOKED_OFTEN, shop.people["auditor"].name, shop.ledger.clock.now(), MOST_AN_HOUR)
    page = await desks.at("auditor", "/members?name=4321")
    await expect(page.get_by_text("一小时里最多按手机尾号找")).to_be_visible()
    await expect(page.get_by_role("row", name="阿珠")).to_be_visible()


async def test_a_session_that_ends_on_an_open_page_leads_back_to_it(shop: Shop, desks: Desks) -> None:
    member_id = await _member(shop, "阿强")
    page = await desks.at("operations", f"/members/{member_id}")
    await page.get_by_test_id("freeze").click()
    await page.get_by_test_id("ask-reason").fill("刷单")
    one = shop.people["operations"]
    operator_id = await shop.ledger.pool.fetchval(
        "SELECT operator_id FROM operator WHERE name = $1", one.name
    )
    async with shop.ledger.pool.acquire() as connection:
        await end_sessions_of(connection, operator_id, shop.ledger.clock.now())
    await page.get_by_role("dialog").get_by_role("button", name="冻结账户").click()
    await expect(page.get_by_test_id("over")).to_have_text("登录已经失效，请重新登录。")
    assert await _status(shop, member_id) == "open"
    await page.get_by_role("link", name="重新登录").click()
    given = await shop.given(one)
    for name, value in given.items():
        await page.locator(f"input[name={name}]").fill(value)
    await page.get_by_role("button", name="登录").click()
    await page.wait_for_url(f"**/members/{member_id}")
    shop.forget_log_ins()


async def _member(shop: Shop, nickname: str) -> int:
    member_id = await shop.ledger.member()
    await shop.ledger.pool.execute(
        "UPDATE member SET nickname = $2 WHERE member_id = $1", member_id, nickname
    )
    return member_id


async def _status(shop: Shop, member_id: int) -> str:
    return str(await shop.ledger.pool.fetchval("SELECT status FROM account WHERE member_id = $1", member_id))


async def _deed(page: Page, action: str, fields: dict[str, str], confirm: str) -> None:
    """Choose what to do, fill the dialog in, and confirm."""
    await page.get_by_test_id(action).click()
    for name, value in fields.items():
        await page.get_by_test_id(f"ask-{name}").fill(value)
    await page.get_by_role("dialog").get_by_role("button", name=confirm).click()
