"""T08: titles and badges in replies and answers; others see a winner's title only if the winner lets them."""

from loyalty.checkin.commands import CheckIn
from loyalty.games.commands import Draw
from tests.house import House
from tests.ledger import rules_with
from tests.miniapp_api.client import Mini

TIERS = [
    {"id": "basic", "name": "普通会员", "growth": 0},
    {"id": "gold", "name": "金卡会员", "growth": 110, "title": "咖啡鉴赏家", "badge": "★"},
]
PRIZES = [
    {"id": "cup", "slot": 0, "name": "杯子", "level": "一等奖", "kind": "voucher", "odds_ppm": 1_000_000},
    {"id": "none", "slot": 1, "name": "谢谢参与", "level": "参与奖", "kind": "none", "odds_ppm": 0},
]
WHEEL = {"id": "lucky", "name": "转盘", "cost_points": 1, "draws_per_day": 9, "prizes": PRIZES}


async def winner(ming: Mini) -> tuple[str, str | None]:
    [item] = (await ming.get("/wheels/lucky/winners")).json["items"]
    return item["name"], item["title"]


async def test_a_title_is_told_to_its_member_and_to_others_only_if_they_say_so(
    ming: Mini, house: House
) -> None:
    await house.ledger.publish(
        rules_with(tiers=TIERS, wheels=[WHEEL], tier_review={"by": "never"}, check_in={"points": 10})
    )
    await ming.run(CheckIn)
    await ming.run(Draw, wheel="lucky")
    tier = (await ming.get("/me")).json["tier"]
    assert (tier["name"], tier["title"], tier["badge"]) == ("金卡会员", "咖啡鉴赏家", "★")
    name, title = await winner(ming)
    assert title is None
    assert (await ming.put("/me/profile", {"show_title": True})).status == 200
    assert await winner(ming) == (name, "咖啡鉴赏家 ★")
    assert (await ming.put("/me/profile", {"show_title": False})).status == 200
    assert await winner(ming) == (name, None)
    assert (await ming.put("/me/profile", {"show_title": "yes"})).status == 422


async def test_the_chat_tells_the_rise_and_the_title(house: House) -> None:
    await house.ledger.publish(rules_with(tiers=TIERS, tier_review={"by": "never"}, check_in={"points": 10}))
    phone = await house.follower()

    async def say(text: str) -> str:
        reply: str = (await phone.say(text))["replies"][0]["content"]
        return reply

    assert (await say("签到")).endswith("\n恭喜，你升为「金卡会员」！发「等级」看权益。")
    assert (await say("等级")).startswith("你现在是「金卡会员」（咖啡鉴赏家 ★），成长值 110。")
    assert (
        await say("展示称号")
        == "你的称号「咖啡鉴赏家 ★」会在中奖名单里展示给别人看。\n不想展示时发「隐藏称号」。"
    )
    assert await say("隐藏称号") == "别人看不到你的称号了。\n想再展示时发「展示称号」。"
