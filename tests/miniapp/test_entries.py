"""我的 and 积分明细: the latest entries, all of them by page and direction, and why each was booked."""

import pytest
from playwright.async_api import expect

from loyalty.checkin.commands import CheckIn
from loyalty.rewards.commands import Redeem
from tests.browser import needs_chromium
from tests.miniapp.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_chromium]

DAY_S = 86_400
ENTRIES = "SELECT count(*) FROM entry WHERE member_id = $1"


async def test_entries_say_why(stage: Stage) -> None:
    await stage.open("/pages/members/index")
    await expect(stage.find("entry")).to_have_count(1)
    member = await stage.house.member_of(stage.phone)
    for _ in range(24):
        await stage.house.ledger.run(CheckIn, member)
        stage.house.clock.advance(DAY_S)
    await stage.house.ledger.run(Redeem, member, reward="cookie")
    await stage.tell("changed")
    await expect(stage.find("entry")).to_have_count(3)
    await stage.look("mine")
    await stage.find("entry").first.click()
    await expect(stage.find("why-reason")).to_contain_text("60")
    await stage.look("why")
    await stage.find("why-close").click()
    await stage.find("go-entries").click()
    await expect(stage.find("entry")).to_have_count(20)
    await stage.look("entries")
    await expect(stage.find("btn-more")).to_have_attribute("tabindex", "0")
    await stage.find("entry").last.scroll_into_view_if_needed()
    await expect(stage.find("entry")).to_have_count(
        await stage.house.resources.pool.fetchval(ENTRIES, member)
    )
    await expect(stage.app.get_by_text("没有更多了")).to_be_visible()
    await stage.find("chip-out").click()
    await expect(stage.find("entry")).to_have_count(1)
    await stage.find("chip-in").press("Enter")
    await expect(stage.find("entry")).to_have_count(20)
    assert stage.faults == []
