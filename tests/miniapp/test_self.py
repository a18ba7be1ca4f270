"""What the member says of themselves and to the shop: 资料, 消息, 申诉, 提建议 and 注销."""

import pytest
from playwright.async_api import Locator, expect

from loyalty.appeals.views import list_appeals
from operators.members.account import freeze
from operators.members.appeals import answer_appeal
from tests.browser import needs_chromium
from tests.ledger import rules_with
from tests.loyalty.test_suggestions import TAKEN
from tests.miniapp.stage import Stage
from tests.miniapp_api.test_rules import WAKE_UP
from tests.operators.desks import owner_desk

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_chromium]


def field(stage: Stage, test_id: str) -> Locator:
    """Where the text is written."""
    return stage.find(test_id).locator("input, textarea")


async def test_profile_and_messages(stage: Stage) -> None:
    await stage.open("/pages/members/index")
    await stage.find("go-profile").click()
    await stage.find("btn-nickname").click()
    await field(stage, "nickname-input").fill("官方客服")
    await stage.find("nickname-save").click()
    await expect(stage.app.get_by_text("别人会以为是官方")).to_be_visible()
    await field(stage, "nickname-input").fill("小明")
    await stage.look("nickname")
    await stage.find("nickname-save").click()
    await expect(stage.find("btn-nickname")).to_contain_text("小明")
    await stage.find("btn-birthday").click()
    await stage.find("month-2").click()
    await expect(stage.find("day-30")).to_have_count(0)
    await stage.find("day-29").click()
    await stage.look("birthday")
    await stage.find("birthday-save").click()
    await expect(stage.find("btn-birthday")).to_contain_text("2月29日")
    await expect(stage.find("birthday-note")).to_have_count(0)
    await stage.find("btn-birthday").click()
    await stage.find("month-3").click()
    await stage.find("day-1").click()
    await stage.find("birthday-save").click()
    await expect(stage.find("birthday-note")).to_contain_text("起算数")
    await stage.find("btn-phone-number").click()
    await expect(stage.find("phone")).to_contain_text("绑定后")
    stage.answers["getPhoneNumber"] = {"result": await stage.phone.phone_number()}
    await stage.find("btn-phone-number").click()
    await expect(stage.find("phone")).to_have_text(f"{stage.phone.number[:3]}****{stage.phone.number[-4:]}")
    await stage.find("btn-show-title").click()
    await expect(stage.find("btn-show-title")).to_have_attribute("aria-pressed", "true")
    await stage.look("profile")
    await stage.open("/pages/messages/index")
    await stage.find("btn-subscribe").click()
    await expect(stage.find("message")).to_contain_text("还没有订阅")
    stage.answers["requestSubscribeMessage"] = {"result": {WAKE_UP: "accept"}}
    await stage.find("btn-subscribe").click()
    await expect(stage.find("message")).to_contain_text("还能收到 1 条")
    await stage.look("messages")
    assert stage.faults == []


async def test_appeal_suggestion_and_erasure(stage: Stage) -> None:
    await stage.house.ledger.publish(rules_with(**TAKEN))
    await stage.open("/pages/profile/index")
    await stage.find("go-suggestions").click()
    await field(stage, "suggestion-input").fill("早上早点开门")
    await stage.find("btn-suggest").click()
    await expect(stage.find("suggestion-thanks")).to_have_text("谢谢，建议已收到，+5 积分")
    await stage.look("suggestion")
    await stage.open("/pages/appeals/index")
    await expect(stage.find("standing")).to_contain_text("账户正常")
    desk, member = owner_desk(stage.house.ledger), await stage.house.member_of(stage.phone)
    await freeze(desk, member, "同一张小票报了三次，等核对")
    await stage.tell("changed")
    await expect(stage.find("standing-reason")).to_contain_text("等核对")
    await field(stage, "appeal-input").fill("那几单是我和家人一起买的")
    await stage.look("appeal")
    await stage.find("btn-appeal").click()
    await expect(stage.find("appeal")).to_contain_text("正在处理")
    await expect(stage.find("btn-appeal")).to_have_count(0)
    (kept,) = await list_appeals(stage.house.resources.pool, "open")
    await answer_appeal(desk, member, kept.id, "核对无误", release=True)
    await stage.tell("changed")
    await expect(stage.find("appeal-answer")).to_contain_text("核对无误")
    await expect(stage.find("standing")).to_contain_text("账户正常")
    await stage.look("appeal-answered")
    await stage.open("/pages/erasing/index")
    await stage.find("btn-erasure").click()
    await stage.look("erasing-sure")
    await stage.find("dialog-yes").click()
    await expect(stage.find("erasure-asked")).to_contain_text("15 个工作日")
    await stage.look("erasing-asked")
    await stage.find("btn-erasure-back").click()
    await expect(stage.find("btn-erasure")).to_be_visible()
    assert stage.faults == []
