"""兑换 and 我的券: the shelf with bands and reasons, a price that changes meanwhile, the voucher, using and cancelling it."""

from typing import Any

import pytest
from playwright.async_api import Route, expect

from loyalty.rewards.commands import Redeem
from loyalty.vouchers.commands import UseVoucher
from loyalty.vouchers.rotating import claimed_voucher
from tests.browser import needs_chromium
from tests.ledger import rules_with
from tests.miniapp.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_chromium]

DAY_S = 86_400
TERMS = "到店出示券码，每单限用一张。\n不与其他优惠同享。"
LONG = "节日限定手工曲奇与当季精品手冲咖啡双人分享礼盒（含定制马克杯）"


def reward(name: str, price: int, **more: Any) -> dict[str, Any]:
    """A reward in the words of the rule file."""
    return {"id": f"r{price}", "name": name, "kind": "voucher", "price_points": price, "terms": TERMS} | more


PICTURE = "https://cdn.example.com/cookie.svg"
COOKIE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4" fill="#c8965a"/></svg>'
SHELF = [
    reward("手工曲奇一份", 60, picture=PICTURE),
    reward("美式咖啡", 80, cancel_hours=0),
    reward("银卡专享杯", 90, tiers=["silver"]),
    reward("早餐套餐", 95, stock=1),
    reward(LONG, 12_000),
]


async def baked(route: Route) -> None:
    await route.fulfill(body=COOKIE, content_type="image/svg+xml")


async def turn_the_wheel_over_the_bands(stage: Stage) -> None:
    """A mouse's wheel brings the last band into sight, in a row that has no scroll bar."""
    await stage.page.set_viewport_size({"width": 320, "height": 640})
    row = stage.app.locator(".jf-chips").locator("visible=true")
    await expect(row).to_have_css("scrollbar-width", "none")
    await row.hover()
    await stage.page.mouse.wheel(0, 400)
    await expect(row.get_by_role("tab").last).to_be_in_viewport()


async def test_a_reward_is_chosen_redeemed_and_used(stage: Stage) -> None:
    house = stage.house
    await house.ledger.publish(rules_with(rewards=SHELF))
    other = await house.ledger.member()
    await stage.page.route(PICTURE, baked)
    await stage.open("/pages/rewards/index")
    await expect(stage.find("reward")).to_have_count(5)
    await expect(stage.find("reward").first.locator("img")).to_have_attribute("src", PICTURE)
    await stage.find("btn-redeem").nth(2).click()
    await house.ledger.run(Redeem, other, reward="r95")
    await stage.find("dialog-yes").click()
    await expect(stage.app.get_by_text("「早餐套餐」已经兑完了")).to_be_visible()
    await expect(stage.find("confirm-reason")).to_have_text("已兑完")
    await stage.look("redeem-refused")
    await stage.find("dialog-no").click()
    assert await stage.find("reward-reason").all_inner_texts() == [
        "需要银卡会员",
        "已兑完",
        "还差 11,900 积分",
    ]
    await stage.look("rewards")
    await turn_the_wheel_over_the_bands(stage)
    await stage.app.get_by_text("我能兑").click()
    await expect(stage.find("reward")).to_have_count(2)
    await stage.find("btn-redeem").first.click()
    await expect(stage.find("redeem-confirm")).to_contain_text("40 积分")
    await house.ledger.publish(rules_with(rewards=[reward("手工曲奇一份", 70, id="r60"), *SHELF[1:]]))
    await stage.find("dialog-yes").click()
    await expect(stage.find("price-changed")).to_contain_text("现在是 70 积分")
    await stage.look("redeem-changed")
    await stage.find("dialog-yes").click()
    await expect(stage.find("voucher")).to_contain_text("兑换成功 · 手工曲奇一份")
    await expect(stage.find("balance")).to_have_text("30")
    await expect(stage.find("voucher-terms")).to_contain_text("每单限用一张")
    await stage.look("voucher")
    member = await house.member_of(stage.phone)
    place = await house.resources.pool.fetchrow(
        "SELECT receipt_no, line FROM redemption WHERE member_id = $1", member
    )
    code = (await stage.find("voucher-code").inner_text()).replace(" ", "")
    assert claimed_voucher(code) == (member, place["receipt_no"], place["line"])
    await house.ledger.run(UseVoucher, member, receipt_no=place["receipt_no"], line=place["line"], by="小王")
    await expect(stage.find("voucher-state")).to_have_text("已使用")
    await stage.find("voucher-close").click()
    await expect(stage.app.get_by_text("现在还没有能兑的")).to_be_visible()
    await stage.look("rewards-none")
    assert stage.faults == []


async def test_vouchers_are_listed_cancelled_and_expire(stage: Stage) -> None:
    house = stage.house
    shelf = [reward(LONG, 20, cancel_hours=48), reward("美式咖啡", 30, cancel_hours=0, valid_days=3)]
    await house.ledger.publish(rules_with(rewards=shelf))
    await stage.open("/pages/rewards/redemptions")
    await expect(stage.find("empty")).to_contain_text("还没有券")
    await stage.look("vouchers-none")
    member = await house.member_of(stage.phone)
    await house.ledger.run(Redeem, member, reward="r30")
    await house.ledger.run(Redeem, member, reward="r20", quantity=2)
    await stage.tell("changed")
    await expect(stage.find("redemption")).to_have_count(2)
    await expect(stage.find("btn-cancel")).to_have_count(1)
    await expect(stage.find("redemption").first).to_contain_text("前可取消")
    await stage.look("vouchers")
    await stage.find("btn-cancel").click()
    await expect(stage.find("cancel-confirm")).to_contain_text("40 积分按原有效期退回")
    await stage.look("voucher-cancel")
    await stage.find("dialog-yes").click()
    await expect(stage.app.get_by_text("已取消，40 积分已退回")).to_be_visible()
    await expect(stage.find("redemption-state").first).to_have_text("已取消")
    house.clock.advance(4 * DAY_S)
    await stage.tell("clock")
    await expect(stage.find("redemption-state").last).to_have_text("已过期")
    await expect(stage.find("btn-voucher")).to_have_count(0)
    assert stage.faults == []
