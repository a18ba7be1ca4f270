"""首页: the card, the sign-in with its ladder and calendar, repairs, and what happens when something is wrong."""

import pytest
from playwright.async_api import expect

from loyalty.checkin.commands import CheckIn
from tests.browser import needs_chromium
from tests.miniapp.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_chromium]

DAY_S = 86_400


async def test_a_first_visit_and_the_day_after(stage: Stage) -> None:
    await stage.open()
    await expect(stage.find("balance")).to_have_text("100")
    await expect(stage.find("tier")).to_have_text("普通会员")
    await expect(stage.find("streak")).to_have_text("今天开始签到吧")
    await stage.look("home-new")
    await stage.find("btn-checkin").click()
    await expect(stage.find("btn-checkin")).to_have_text("今日已签到")
    await expect(stage.find("balance")).to_have_text("110")
    await expect(stage.app.get_by_text("签到成功，+10 积分")).to_be_visible()
    await stage.find("btn-calendar").click()
    await expect(stage.find("calendar").locator(".is-signed")).to_have_count(1)
    stage.house.clock.advance(DAY_S)
    await stage.tell("clock")
    await expect(stage.find("btn-checkin")).to_have_text("签到")
    await expect(stage.find("streak")).to_have_text("已连续 1 天")
    assert stage.faults == []


async def test_a_missed_day_is_mended(stage: Stage) -> None:
    await stage.open()
    await expect(stage.find("balance")).to_be_visible()
    member = await stage.house.member_of(stage.phone)
    await stage.house.ledger.run(CheckIn, member)
    stage.house.clock.advance(2 * DAY_S)
    await stage.tell("clock")
    await expect(stage.find("repair-price")).to_contain_text("补签一天用 20 积分")
    await stage.look("home-repair")
    await stage.find("repairs").get_by_text("补签", exact=True).last.click()
    await expect(stage.app.get_by_text("补签成功")).to_be_visible()
    await expect(stage.find("streak")).to_have_text("已连续 2 天")


async def test_a_server_that_is_away_is_said_and_tried_again(stage: Stage) -> None:
    away = True

    async def fail(route: object) -> None:
        assert route is not None
        if away:
            await route.abort()  # type: ignore[attr-defined]
        else:
            await route.continue_()  # type: ignore[attr-defined]

    await stage.page.route("**/api/v1/**", fail)
    await stage.open()
    await expect(stage.find("mini-sorry")).to_contain_text("网络不通，请检查网络后再试")
    await stage.look("home-sorry")
    away = False
    await stage.find("btn-retry").click()
    await expect(stage.find("balance")).to_have_text("100")


async def test_an_ended_session_is_renewed_unnoticed(stage: Stage) -> None:
    await stage.open()
    await expect(stage.find("balance")).to_have_text("100")
    await stage.house.resources.pool.execute("DELETE FROM session")
    await stage.find("btn-checkin").click()
    await expect(stage.find("balance")).to_have_text("110")


async def test_the_code_for_the_till_changes_while_it_is_shown(stage: Stage) -> None:
    await stage.open()
    await stage.find("btn-member-code").click()
    first = await stage.find("member-code").inner_text()
    stage.house.clock.advance(30)
    await expect(stage.find("member-code")).not_to_have_text(first)
    await stage.look("code")
