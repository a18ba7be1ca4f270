"""R15 on two screens: a voucher's code renews itself on the member's phone, and the clerk takes it while the member looks on."""

import pytest
from playwright.async_api import expect

from loyalty.rewards.commands import Redeem
from tests.browser import needs_chromium
from tests.clerk.counter import CUP, STORES, Shop
from tests.ledger import rules_with
from tests.miniapp.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_chromium]

SOON_MS = 30_000
"""The page asks every four seconds, on a machine that may have much to do."""


async def code_on(stage: Stage) -> str:
    """The code as the clerk would type it."""
    return (await stage.find("voucher-code").inner_text()).replace(" ", "")


async def test_a_clerk_takes_the_code_of_the_moment_while_the_member_looks_on(stage: Stage) -> None:
    house = stage.house
    await house.ledger.publish(rules_with(rewards=[CUP], stores=STORES))
    await stage.open("/pages/rewards/redemptions")
    await expect(stage.find("empty")).to_be_visible()
    member = await house.member_of(stage.phone)
    for _ in range(2):
        await house.ledger.run(Redeem, member, reward="cup")
    clerk = await Shop(house, member).staff("小王", store="one")
    await stage.tell("changed")
    await expect(stage.find("redemption")).to_have_count(2)
    permanent = await house.resources.pool.fetchval(
        "SELECT voucher_code FROM redemption WHERE receipt_no = 3"
    )
    await expect(stage.find("redemption-code").first).to_have_text(f"尾号 {permanent[-4:]}")
    await stage.find("btn-voucher").first.click()
    await expect(stage.find("voucher-code")).to_be_visible()
    await stage.look("voucher-code")
    first, text = await code_on(stage), await stage.find("voucher-code").inner_text()
    house.clock.advance(30)
    await expect(stage.find("voucher-code")).not_to_have_text(text, timeout=SOON_MS)
    house.clock.advance(30)
    await stage.tell("clock")
    late = await clerk.post("/look", code=first)
    assert "这个码已过期或有误，请会员刷新后再出示。" in late.words
    fresh = await code_on(stage)
    assert fresh != first
    assert "核销成功" in (await clerk.post("/use", code=fresh)).words
    await expect(stage.find("voucher-state")).to_have_text("已使用", timeout=SOON_MS)
    await expect(stage.find("voucher-code")).to_have_count(0)
    await stage.look("voucher-used")
    await stage.find("voucher-close").click()
    await expect(stage.find("redemption-state").first).to_have_text("已使用")
    await without_a_network(stage)
    assert stage.faults == []


async def without_a_network(stage: Stage) -> None:
    """The page says why there is no new code, and the network brings it."""
    await stage.find("btn-voucher").click()
    await expect(stage.find("voucher-code")).to_be_visible()
    shown = await stage.find("voucher-code").inner_text()
    await stage.page.context.set_offline(True)
    await expect(stage.find("voucher-sorry")).to_contain_text("没有网络", timeout=SOON_MS)
    await stage.look("voucher-offline")
    stage.house.clock.advance(30)
    await stage.page.context.set_offline(False)
    await expect(stage.find("voucher-sorry")).to_have_count(0, timeout=SOON_MS)
    await expect(stage.find("voucher-code")).not_to_have_text(shown)
