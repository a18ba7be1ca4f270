"""The phone page in a real browser, against a running emulator, a webhook and a points server."""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser import PATIENCE_MS, needs_chromium
from tests.emulator.member_server import PRIZES, MemberServer
from tests.emulator.test_phone_wheel_svg import place_under_pointer
from tests.emulator.webhook import Webhook

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.browser,
    needs_chromium,
]


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


async def test_signing_in_and_being_refused(page: Page, server: MemberServer) -> None:
    left = await _mini_program(page)
    server.refusals = [(409, {"title": "已经签到过了", "detail": "明天再来～"})]
    await left.get_by_test_id("btn-checkin").click()
    await expect(left.get_by_test_id("toast")).to_contain_text("明天再来～")
    assert server.streak == 0
    await left.get_by_test_id("btn-checkin").click()
    await expect(left.get_by_test_id("streak")).to_have_text("已连续 1 天")


async def test_the_wheel_stops_at_the_drawn_slot_spin_after_spin(page: Page, server: MemberServer) -> None:
    left = await _mini_program(page)
    await left.get_by_test_id("mini-tab-wheel").click()
    for slot in (5, 2):
        server.next_slot = slot
        await left.get_by_test_id("btn-draw").click()
        await expect(left.get_by_test_id("result-prize")).to_have_text(PRIZES[slot], timeout=PATIENCE_MS)
        style = await left.locator(".wheel-disc").get_attribute("style")
        turned = re.search(r"rotate\(([\d.]+)deg\)", style or "")
        assert turned is not None
        assert place_under_pointer(float(turned[1]), len(PRIZES)) == slot
        await left.get_by_test_id("result-ok").click()


async def test_the_code_for_the_till_is_shown(page: Page) -> None:
    left = await _mine(page)
    await left.get_by_test_id("btn-member-code").click()
    await expect(left.get_by_test_id("member-code")).to_have_text("9000 0000 0001 1234 5678")
    await expect(left.get_by_test_id("member-code-dialog").get_by_role("img")).to_be_visible()
    await left.get_by_test_id("member-code-close").click()
    await expect(left.get_by_test_id("member-code-dialog")).to_be_hidden()


async def test_a_phone_number_is_bound_when_its_owner_allows_it(page: Page, server: MemberServer) -> None:
    left = await _mine(page)
    await left.get_by_test_id("btn-phone-number").click()
    await expect(left.get_by_test_id("phone-number-sheet")).to_contain_text("199")
    await left.get_by_test_id("phone-number-reject").click()
    assert server.bound == []
    await left.get_by_test_id("btn-phone-number").click()
    await left.get_by_test_id("phone-number-accept").click()
    await expect(left.get_by_test_id("toast")).to_contain_text("手机号已绑定")
    assert len(server.bound) == 1


async def test_a_pack_is_taken_and_seen_at_work(page: Page, server: MemberServer) -> None:
    left = await _mine(page)
    await left.get_by_test_id("go-packs").click()
    await left.get_by_test_id("btn-pack-fast").click()
    await expect(left.get_by_test_id("pack-confirm")).to_contain_text("用 10 积分领取「双倍积分包」？")
    await left.get_by_test_id("dialog-yes").click()
    await expect(left.get_by_test_id("pack-working")).to_contain_text("最多还能多得 40 积分")
    assert server.packs_taken == 1


async def test_a_narrow_screen_shows_one_phone_as_wide_as_itself(page: Page) -> None:
    await page.set_viewport_size({"width": 390, "height": 844})
    await expect(page.get_by_test_id("phone-right")).to_be_hidden()
    box = await page.get_by_test_id("phone-left").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)
    await page.get_by_test_id("show-right").click()
    await expect(page.get_by_test_id("phone-right")).to_be_visible()
    await expect(page.get_by_test_id("phone-left")).to_be_hidden()


async def test_a_page_of_the_mini_program_begins_at_its_top(page: Page, server: MemberServer) -> None:
    left = await _mini_program(page)
    body = left.get_by_test_id("mini-body")
    await page.set_viewport_size({"width": 1440, "height": 600})
    await _scroll_down(body)
    await left.get_by_test_id("mini-tab-wheel").click()
    await expect(left.get_by_test_id("wheel")).to_be_visible()
    assert await body.evaluate("body => body.scrollTop") == 0
    await _scroll_down(body)
    await left.get_by_test_id("mini-tab-home").click()
    await expect(left.get_by_test_id("balance")).to_be_visible()
    assert await body.evaluate("body => body.scrollTop") == 0


async def test_a_page_that_is_loaded_again_stays_where_it_was(page: Page, server: MemberServer) -> None:
    left = await _mini_program(page)
    body = left.get_by_test_id("mini-body")
    await page.set_viewport_size({"width": 1440, "height": 560})
    far = await _scroll_down(body)
    await left.get_by_test_id("btn-checkin").evaluate("button => button.click()")
    await expect(left.get_by_test_id("streak")).to_have_text("已连续 1 天")
    assert await body.evaluate("body => body.scrollTop") == pytest.approx(far, abs=20)


@pytest.mark.parametrize("size", [(1440, 900), (844, 390), (375, 812)])
async def test_all_of_ten_results_are_on_the_screen(
    page: Page, server: MemberServer, size: tuple[int, int]
) -> None:
    left = await _mini_program(page)
    await left.get_by_test_id("mini-tab-wheel").click()
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await left.get_by_test_id("btn-draw-ten").click()
    results = left.get_by_test_id("result-prize")
    await expect(results).to_have_count(10)
    for place in range(10):
        await expect(results.nth(place)).to_be_in_viewport(ratio=0.99)
    await expect(left.get_by_test_id("result-ok")).to_be_in_viewport(ratio=0.99)


async def _mini_program(page: Page) -> Locator:
    left = page.get_by_test_id("phone-left")
    await left.get_by_test_id("tab-mini").click()
    await expect(left.get_by_test_id("balance")).to_have_text("100")
    return left


async def _mine(page: Page) -> Locator:
    left = await _mini_program(page)
    await left.get_by_test_id("mini-tab-mine").click()
    return left


async def _scroll_down(body: Locator) -> float:
    far = await body.evaluate("body => { body.scrollTop = 9999; return body.scrollTop }")
    assert far > 50
    return float(far)
