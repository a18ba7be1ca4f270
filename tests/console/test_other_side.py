"""What comes from the other side of the counter: an appeal in the chat, hostile texts, strange links, and servers that go away.

The console, the members' chat and the shop are one house; the console's way to PostgreSQL and to Redis can be cut.
"""

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final

import pytest
import pytest_asyncio
from playwright.async_api import expect

from channels import windows
from loyalty.checkin.commands import CheckIn
from loyalty.rewards.commands import Redeem
from operators.access.people import disable_operator, enable_operator
from tasks.delivery import deliver_notices
from tests.bot.line import Line
from tests.browser import needs_chromium
from tests.console.desks import Desks
from tests.console.shop import Shop, open_shop, words_of
from tests.house import House, open_house
from tests.operators.desks import owner_desk
from tests.proxy import Proxy, open_proxy

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser, needs_chromium]

HOSTILE: Final = "<img src=x onerror=window.ran=1>"
LONG: Final = "'长'.repeat(3_400_000)"
"""Ten megabytes of UTF-8, as the browser makes them."""
PASTE: Final = f"element => {{ element.focus(); document.execCommand('insertText', false, {LONG}); return element.value.length }}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    migrated_url: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "REDIS_TIMEOUT_S", 2.0)
        async with open_house(migrated_url, redis_url, tmp_path_factory.mktemp("house"), port) as opened:
            yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def database(migrated_url: str) -> AsyncIterator[Proxy]:
    async with open_proxy(migrated_url) as wire:
        yield wire


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def redis(redis_url: str) -> AsyncIterator[Proxy]:
    async with open_proxy(redis_url) as wire:
        yield wire


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(
    house: House, database: Proxy, redis: Proxy, tmp_path_factory: pytest.TempPathFactory, cheap_hashes: None
) -> AsyncIterator[Shop]:
    """The console of the house, behind wires that can be cut."""
    ledger = replace(house.ledger, database_url=database.url)
    folder = tmp_path_factory.mktemp("console")
    async with open_shop(ledger, redis.url, folder, house.emulator.base_url) as shop:
        yield shop


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def nothing_ran(desks: Desks) -> AsyncIterator[None]:
    desks.errors.clear()
    yield
    for context in desks.browser.contexts:
        for page in context.pages:
            assert await page.evaluate("window.ran") is None


async def test_a_cheat_appeals_in_the_chat_and_is_released(house: House, desks: Desks) -> None:
    line, phone = Line(house), await house.follower("羊毛党")
    member_id = await house.member_of(phone)
    await house.ledger.pool.execute(
        "UPDATE member SET nickname = $2 WHERE member_id = $1", member_id, HOSTILE
    )
    await house.ledger.run(CheckIn, member_id)
    await house.ledger.run(Redeem, member_id, reward="cookie")
    page = await desks.at("operations", f"/members/{member_id}")
    await page.get_by_test_id("freeze").click()
    await page.get_by_test_id("ask-reason").fill("同一台设备注册了三十个账户")
    await page.get_by_role("dialog").get_by_role("button", name="冻结账户").click()
    await expect(page.get_by_text("这个账户已冻结")).to_be_visible()
    assert "原因：同一台设备注册了三十个账户" in await line.say(phone, "申诉")
    assert (await line.say(phone, f"申诉 那是我家人的手机{HOSTILE}")).startswith("申诉已收到")
    await desks.at("operations", "/appeals")
    await expect(page.get_by_text(f"那是我家人的手机{HOSTILE}").first).to_be_visible()
    await page.get_by_test_id("answer").click()
    await page.get_by_test_id("ask-answer").fill("核对过了，是家人的手机，抱歉")
    await page.get_by_role("dialog").get_by_role("button", name="答复").click()
    await expect(page.get_by_text("已答复，账户已解冻。")).to_be_visible()
    await expect(page.get_by_test_id("answer")).to_have_count(0)
    await deliver_notices(house.resources, house.clock.now())
    assert "核对过了，是家人的手机，抱歉" in str((await phone.inbox("custom"))[-1])
    assert "今天签过啦" in await line.say(phone, "签到")
    for path in ("/members", "/mall/redemptions", "/messages", f"/search?q={member_id}"):
        await desks.at("operations", path)
        await expect(page.get_by_text(HOSTILE).first).to_be_visible()
    assert desks.errors == []


async def test_ten_megabytes_are_cut_to_what_a_field_holds(house: House, desks: Desks) -> None:
    member_id = await house.ledger.member()
    page = await desks.at("operations", f"/members/{member_id}")
    await page.get_by_test_id("adjust").click()
    await page.get_by_test_id("ask-points").fill("5")
    assert await page.get_by_test_id("ask-reason").evaluate(PASTE) == 200
    await page.get_by_role("dialog").get_by_role("button", name="调整").click()
    await expect(page.get_by_test_id("ask-reason")).to_have_count(0)
    await desks.at("operations", "/rules/edit/rewards/0")
    for field, most in (("rewards.0.name", 64), ("rewards.0.price_points", 64), ("rewards.0.terms", 5_000)):
        assert 0 < await page.get_by_test_id(field).evaluate(PASTE) <= most
    await expect(page.get_by_text("处要改")).to_be_visible()
    assert desks.errors == []


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/members?status=%3Cb%3E&tier=none&name=%25", "<b>"),
        ("/mall/redemptions?item=reward:gone&store=nowhere&state=lost", "reward:gone"),
        ("/messages?state=no-such&kind=x", "no-such"),
        ("/approvals?state=no-such", None),
        ("/system/log?action=no-such&operator=%3Cb%3E", None),
        ("/reports?by=no-such&first=tomorrow&last=0", None),
    ],
)
async def test_a_link_with_foreign_filters_shows_what_it_filters_by(
    desks: Desks, path: str, shown: str | None
) -> None:
    page = await desks.at("owner", path)
    if shown is not None:
        await expect(page.locator("select").filter(has_text=shown)).to_have_count(1)
        await expect(page.get_by_text("没有符合条件的记录")).to_be_visible()
        await page.get_by_role("link", name="清除条件").click()
        await expect(page.locator("select").filter(has_text=shown)).to_have_count(0)


async def test_an_operator_who_was_disabled_hears_it_at_the_next_click(shop: Shop, desks: Desks) -> None:
    member_id = await shop.ledger.member()
    page = await desks.at("finance", f"/members/{member_id}")
    one, desk = shop.people["finance"], owner_desk(shop.ledger)
    await disable_operator(desk, one.name, "离职")
    await page.get_by_test_id("unmask").click()
    await page.get_by_test_id("ask-reason").fill("回访")
    await page.get_by_role("dialog").get_by_role("button", name="查看").click()
    await expect(page.get_by_test_id("over")).to_have_text("登录已经失效，请重新登录。")
    await enable_operator(desk, one.name, "回来了")
    shop.forget_log_ins()


async def test_without_redis_pages_say_so_and_deeds_go_on(shop: Shop, desks: Desks, redis: Proxy) -> None:
    member_id = await shop.ledger.member()
    await redis.shut()
    try:
        page = await desks.at("owner", "/system/health")
        await expect(page.get_by_text("Redis 连不上")).to_be_visible()
        await expect(
            page.get_by_text("后台任务没有在运行")
        ).to_be_visible()  # there is no worker in this house
        await desks.at("owner", "/system/wechat?check=1")
        await expect(
            page.get_by_text("微信认得这个账号").first
        ).to_be_visible()  # asked anew, as no token is kept
        await desks.at("owner", f"/members/{member_id}")
        before = await shop.ledger.balance(member_id)
        await page.get_by_test_id("adjust").click()
        await page.get_by_test_id("ask-points").fill("7")
        await page.get_by_test_id("ask-reason").fill("补记一单")
        await page.get_by_role("dialog").get_by_role("button", name="调整").click()
        await expect(page.get_by_text("补记一单")).to_be_visible()
        assert await shop.ledger.balance(member_id) == before + 7
    finally:
        await redis.open()


async def test_without_the_database_a_deed_is_not_done_and_a_page_says_so(
    shop: Shop, desks: Desks, database: Proxy
) -> None:
    member_id = await shop.ledger.member()
    page = await desks.at("owner", f"/members/{member_id}")
    before, client, stranger = (
        await shop.ledger.balance(member_id),
        await shop.at("owner"),
        await shop.stranger(),
    )
    await page.get_by_test_id("adjust").click()
    await page.get_by_test_id("ask-points").fill("9")
    await page.get_by_test_id("ask-reason").fill("做了一半")
    await database.shut()
    try:
        await page.get_by_role("dialog").get_by_role("button", name="调整").click()
        await expect(page.get_by_text("数据库现在连不上，这一步没有做，请稍后再试。")).to_be_visible()
        given = await shop.given(shop.people["auditor"])
        for answer in (await client.get("/"), await stranger.post("/login", data=given)):
            assert (answer.status_code, "数据库现在连不上" in words_of(answer.text)) == (503, True)
    finally:
        await database.open()
    assert await shop.ledger.balance(member_id) == before
    await desks.at("owner", f"/members/{member_id}")
    await expect(page.get_by_text("做了一半")).to_have_count(0)
