"""个人信息 in the mini-program, the agreement to the privacy guideline, and reminders that are offered and do not nag."""

import json
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser import needs_chromium
from tests.miniapp.stage import Stage
from tests.miniapp_api.test_rules import WAKE_UP

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_chromium]

DAY_S = 86_400


async def test_d14_a_member_reads_what_is_kept_takes_a_copy_and_withdraws(
    stage: Stage, tmp_path: Path
) -> None:
    await stage.open("/pages/profile/index")
    await stage.find("go-personal").click()
    await expect(stage.find("kept")).to_contain_text("计算连续签到的天数和积分")
    await stage.find("btn-wants-notices").click()
    await expect(stage.find("btn-wants-notices")).to_have_attribute("aria-pressed", "false")
    await stage.look("personal")
    async with stage.page.expect_download() as saving:
        await stage.find("btn-copy-data").click()
    saved = tmp_path / "copy.json"
    await (await saving.value).save_as(saved)
    assert (await saving.value).suggested_filename == f"个人信息-{stage.house.clock.now():%Y-%m-%d}.json"
    copy = json.loads(saved.read_text(encoding="utf-8"))
    rows = {one["title"]: one["rows"] for one in copy["sections"]}
    assert [row["不要提醒"] for row in rows["资料"]] == ["是"]
    await stage.find("btn-wants-notices").click()
    await expect(stage.find("btn-wants-notices")).to_have_attribute("aria-pressed", "true")
    await stage.find("go-erasing").click()
    await expect(stage.find("btn-erasure")).to_be_visible()
    assert stage.faults == []


async def test_a_member_agrees_before_the_phone_number_is_given(stage: Stage) -> None:
    stage.answers["privacySetting"] = {"result": {"needAuthorization": True}}
    stage.answers["agreePrivacy"] = {"result": None}
    stage.answers["getPhoneNumber"] = {"result": await stage.phone.phone_number()}
    await stage.open("/pages/profile/index")
    await stage.find("btn-phone-number").click()
    await expect(stage.find("privacy-sheet")).to_contain_text("只用于会员服务")
    await stage.look("privacy")
    await stage.find("privacy-refuse").click()
    await expect(stage.find("privacy-sheet")).to_have_count(0)
    await expect(stage.find("phone")).to_contain_text("绑定后")
    await stage.find("btn-phone-number").click()
    await stage.find("privacy-agree").click()
    await expect(stage.find("phone")).to_have_text(f"{stage.phone.number[:3]}****{stage.phone.number[-4:]}")
    assert stage.faults == []


async def test_reminders_are_offered_after_the_sign_in_and_a_refusal_holds_for_a_week(stage: Stage) -> None:
    await stage.open()
    await expect(stage.find("btn-checkin")).to_be_visible()
    await expect(stage.find("ask-messages")).to_have_count(0)
    await stage.find("btn-checkin").click()
    await expect(stage.find("ask-messages")).to_be_visible()
    await stage.look("ask-messages")
    await stage.find("ask-no").click()
    await expect(stage.find("ask-messages")).to_have_count(0)
    stage.answers["requestSubscribeMessage"] = {"result": {WAKE_UP: "accept"}}
    for days, offered in ((6, 0), (2, 1)):
        stage.house.clock.advance(days * DAY_S)
        await stage.tell("clock")
        await stage.find("checkin-card").get_by_text("签到", exact=True).click()
        await expect(stage.find("btn-checkin")).to_contain_text("今日已签到")
        await stage.page.wait_for_load_state("networkidle")
        await expect(stage.find("ask-messages")).to_have_count(offered)
    await stage.find("ask-yes").click()
    await expect(stage.find("ask-messages")).to_have_count(0)
    await stage.open("/pages/messages/index")
    await expect(stage.find("message")).to_contain_text("还能收到 1 条")
    assert stage.faults == []
