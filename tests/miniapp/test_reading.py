"""等级, 规则, 邀请, 任务和投票, 加速包: a member walks the pages that are mostly read, and a friend comes by their invitation."""

import pytest
from playwright.async_api import Route, expect

from tests.browser import needs_chromium
from tests.ledger import rules_with
from tests.loyalty.earning.test_events import EVENTS, SPEND
from tests.loyalty.earning.test_packs import PACK
from tests.miniapp.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_chromium]


MISSIONS = [
    {"id": "two", "name": "新人体验", "steps": [{"check_in": 2}, {"draw": 1}], "reward": {"points": 30}},
    {
        "id": "weekly", "name": "本周签到三次", "period": "week", "steps": [{"check_in": 3}],
        "reward": {"points": 20, "ticket": "lucky"}, "in_a_row": {"periods": 2, "bonus": 30},
    },
]  # fmt: skip
POLL = {
    "id": "spring", "title": "下一季想喝什么", "points": 5, "until": "2026-04-01T10:00",
    "options": [{"id": "oat", "name": "燕麦拿铁"}, {"id": "cold", "name": "柑橘冷萃"}],
}  # fmt: skip


async def _ready(stage: Stage) -> None:
    await stage.open()
    await expect(stage.find("balance")).to_have_text("100")


async def test_the_ladder_and_the_rules_are_read_from_the_menu(stage: Stage) -> None:
    await _ready(stage)
    await stage.tab("我的").click()
    await stage.find("go-tiers").click()
    await expect(stage.find("tier-card")).to_have_count(4)
    await expect(stage.find("tier-card").first).to_contain_text("普通会员（当前）")
    await expect(stage.find("growth")).to_contain_text("升到银卡会员")
    await expect(stage.find("tier-card").nth(1)).to_contain_text("到店出示会员码，免费升杯")
    await expect(stage.find("tier-card").nth(1).get_by_test_id("goal")).to_contain_text("/ 1,001")
    await stage.look("tiers")
    await stage.page.route("**/api/v1/rules", _with_odds)
    await stage.open("/pages/rules/index")
    await expect(stage.find("rule-topic").first).to_be_visible()
    assert await stage.find("rule-topic").count() > 3
    await stage.find("rules").get_by_role("tab").last.click()
    await expect(stage.find("btn-copy-odds")).to_be_visible()
    await stage.look("rules")
    await stage.find("btn-copy-odds").click()
    await expect(stage.app.get_by_text("网址已复制")).to_be_visible()
    assert stage.faults == []


async def test_a_friend_comes_by_an_invitation(stage: Stage) -> None:
    stage.answers["showCode"] = stage.answers["share"] = {"result": None}
    ming = await stage.house.phone("阿明")
    scene = (await _referral(stage, await stage.house.session(ming)))["scene"]
    await stage.open(f"/pages/referral/index?scene={scene}")
    await expect(stage.find("invited")).to_contain_text("邀请来的，已经记下了")
    await expect(stage.find("poster")).to_be_visible()
    await stage.look("referral-invited")
    await stage.find("invited-home").click()
    await expect(stage.find("btn-checkin")).to_be_visible()
    assert (await _referral(stage, await stage.house.session(ming)))["invited"] == 1
    await stage.open("/pages/referral/index")
    await expect(stage.find("referral-invited")).to_have_text("0")
    await expect(stage.find("referral-ladder")).to_contain_text("邀满 3 人")
    first = await stage.find("poster").locator("img").get_attribute("src")
    await stage.find("poster-miniapp").click()
    await expect(stage.find("poster").locator("img")).not_to_have_attribute("src", first or "")
    await stage.find("btn-share").click()
    await stage.look("referral")
    assert stage.faults == []


async def test_a_vote_and_a_pack(stage: Stage) -> None:
    rules = rules_with(events=EVENTS, earning=[SPEND], packs=[PACK], missions=MISSIONS, polls=[POLL])
    await stage.house.ledger.publish(rules)
    await _ready(stage)
    await stage.open("/pages/missions/index")
    await expect(stage.find("mission-card")).to_have_count(2)
    await expect(stage.find("poll-card")).to_contain_text("4月1日 10:00 结束")
    await stage.look("missions")
    await stage.find("btn-vote-spring-oat").click()
    await expect(stage.app.get_by_text("已投票，+5 积分")).to_be_visible()
    await expect(stage.find("poll-card")).to_contain_text("1 票")
    await expect(stage.find("btn-vote-spring-cold")).to_have_count(0)
    await stage.open("/pages/packs/index")
    await stage.find("btn-pack-fast").click()
    await expect(stage.find("pack-confirm")).to_contain_text("用 10 积分领取")
    await stage.look("pack-confirm")
    await stage.find("dialog-yes").click()
    await expect(stage.find("pack-working")).to_contain_text("最多还能多得 50 积分")
    await expect(stage.find("btn-pack-fast")).to_have_count(0)
    # Axe would measure the toast as it fades.
    await expect(stage.app.get_by_text("已领取")).to_be_hidden()
    await stage.look("packs")
    assert stage.faults == []


async def test_a_programme_without_them_says_so(stage: Stage) -> None:
    async def none(route: Route) -> None:
        await route.fulfill(json={"items": [], "next_cursor": None})

    for path in ("missions", "polls", "packs"):
        await stage.page.route(f"**/api/v1/{path}", none)
    for page, sentence in (("missions", "现在没有任务和投票"), ("packs", "现在没有加速包")):
        await stage.open(f"/pages/{page}/index")
        await expect(stage.find("empty")).to_contain_text(sentence)
        await stage.look(f"{page}-empty")


async def _with_odds(route: Route) -> None:
    rules = await (await route.fetch()).json()
    await route.fulfill(json=rules | {"odds_url": "https://points.example.com/odds"})


async def _referral(stage: Stage, session: dict[str, str]) -> dict[str, object]:
    async with stage.house.http.get(f"{stage.house.server_url}/api/v1/referral", headers=session) as answer:
        return dict(await answer.json())
