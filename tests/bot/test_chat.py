"""Every word of the chat, in safe mode, through the emulator."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from bot.menu import buttons
from loyalty.programme.files import read_rules
from loyalty.programme.publication import publish
from tests.bot.line import Line
from tests.emulator.harness import Phone
from tests.house import House
from tests.ledger import DAY_S, DEMO_RULES, rules_with

LUCKY = rules_with().wheels[0].model_dump(mode="json")
LUCKY_VERSION = rules_with().wheels[0].odds_version


async def said(phone: Phone, text: str) -> str:
    answer = await phone.say(text)
    assert answer["attempts"] == 1
    (reply,) = answer["replies"]
    return str(reply["content"])


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("签到", "签到成功 +10 分，已连续 1 天，再签 2 天可得 20 分。\n当前积分 110。"),
        (" 签到。 ", "签到成功 +10 分，已连续 1 天，再签 2 天可得 20 分。\n当前积分 110。"),
        ("积分", "当前积分 100。\n今天还没有签到，发「签到」领积分。\n发「明细」看每一笔，发「兑换」看能换什么。"),
        ("余额", "当前积分 100。\n今天还没有签到，发「签到」领积分。\n发「明细」看每一笔，发「兑换」看能换什么。"),
        ("明细", "最近 1 笔：\n3月2日 10:00 新人礼 +100，余 100"),
        (
            "等级",
            ("你现在是「普通会员」，成长值 100。\n再攒 901 成长值，就升为「银卡会员」。\n到时享有：到店出示等级免费升杯。\n"
            "获得积分时成长值随之增加，花积分不会让它减少。"),
        ),
        ("我的兑换", "还没有兑换过。\n发「兑换」看看能换什么。"),
        ("兑换 99", "没有编号 99，列表里是 1 到 6。\n发「兑换」看列表。"),
        ("兑换 9999999999999", "没有编号 999999999999…，列表里是 1 到 6。\n发「兑换」看列表。"),
        ("兑换 3", "积分不够：“拿铁一杯”要 200 分，现有 100 分，还差 100 分。\n每天发「签到」可以攒积分。"),
        ("退订提醒", "已退订，不再给你发到期等提醒。\n想恢复时发「恢复提醒」；积分随时发「积分」查看。"),
        ("恢复提醒", "已恢复，积分快到期时会提醒你。\n不想收到时发「退订提醒」。"),
        ("任务", "发下面的词，或点菜单：\n签到 · 积分 · 明细 · 等级\n抽奖 · 兑换 · 我的兑换\n邀请 · 规则 · 帮助"),
        ("\u202e\U0001f600", "发下面的词，或点菜单：\n签到 · 积分 · 明细 · 等级\n抽奖 · 兑换 · 我的兑换\n邀请 · 规则 · 帮助"),
    ],
)  # fmt: skip
async def test_a_word(house: House, word: str, expected: str) -> None:
    assert await said(await house.follower(), word) == expected


async def test_the_list_has_numbers_that_can_be_exchanged(house: House) -> None:
    phone = await house.follower()
    listed = await said(phone, "兑换")
    assert (
        "\n1. 手工曲奇一份  60 分 · 剩 300 份\n2. 美式咖啡一杯  150 分 · 剩 200 份 · 还差 50 积分\n" in listed
    )
    done = await said(phone, "兑换 1")
    code = re.search(r"券码 (\S+?)，可用到 2026年3月31日。\n当前积分 40。", done)
    assert code is not None, done
    shown = await said(phone, "我的兑换")
    assert shown == f"最近 1 张券：\n手工曲奇一份（待使用）\n  券码 {code[1]}，可用到 2026年3月31日"


async def test_a_draw_tells_prize_points_and_odds(house: House) -> None:
    phone = await house.follower()
    drawn = await said(phone, "抽奖")
    member_id = await house.member_of(phone)
    row = await house.resources.pool.fetchrow("SELECT * FROM draw WHERE member_id = $1", member_id)
    assert f"「{row['prize_name']}」（概率 " in drawn
    assert f"概率版本 {row['odds_version']}" in drawn
    assert f"本次用了 20 分，当前积分 {await house.ledger.balance(member_id)}。" in drawn


async def test_a_draw_without_points(house: House) -> None:
    phone = await house.follower()
    await publish(
        house.resources.engine,
        with_dear_wheel(),
        base=1,
        effective_from=house.clock.now(),
        by="test",
        reason="dear",
    )
    assert await said(phone, "抽奖") == (
        "积分不够：抽一次要 5,000 分，现有 100 分，还差 4,900 分。\n每天发「签到」可以攒积分。"
    )


def with_dear_wheel() -> Any:
    rules = read_rules(DEMO_RULES)
    wheel = rules.wheels[0].model_copy(update={"cost_points": 5000})
    return rules.model_copy(update={"wheels": (wheel,)})


@pytest.mark.parametrize("word", ["邀请", "二维码"])
async def test_an_invitation_is_an_article_with_a_picture_that_leads_here(house: House, word: str) -> None:
    phone = await house.follower()
    (article,) = (await phone.say(word))["replies"]
    assert article["type"] == "news"
    assert article["title"] == "邀请好友加入拾光咖啡"
    async with house.http.get(article["pic_url"]) as picture:
        assert picture.status == 200
        assert (await picture.read())[:3] == b"\xff\xd8\xff"
    ticket = article["pic_url"].split("ticket=")[1]
    friend = await house.phone("小红")
    (welcome,) = (await friend.scan(ticket=ticket.replace("%3D", "=")))["replies"]
    assert "已记下你的邀请人" in welcome["content"]


async def test_an_invitation_while_wechat_is_away(house: House) -> None:
    phone = await house.follower()
    await house.emulator.fault("/cgi-bin/qrcode/create", "http_502", times=5)
    assert await said(phone, "邀请") == "二维码暂时取不到，请过一会儿再发「邀请」。"


async def test_the_rules_are_the_engines_own(house: House) -> None:
    shown = await said(await house.follower(), "规则")
    assert shown.startswith(
        "积分规则（第 1 版）\n【新人礼】\n新会员加入即送 100 积分，每人一次。\n【每日签到】\n"
    )


async def test_help_names_every_word(house: House) -> None:
    shown = await said(await house.follower(), "帮助")
    for word in (
        "签到",
        "积分",
        "明细",
        "等级",
        "抽奖",
        "兑换",
        "我的兑换",
        "邀请",
        "规则",
        "退订提醒",
        "恢复提醒",
    ):
        assert word in shown


@pytest.mark.parametrize(("word", "expected"), [("退订提醒", True), ("恢复提醒", False)])
async def test_reminders_are_the_members_choice(house: House, word: str, expected: bool) -> None:
    phone = await house.follower()
    await phone.say(word)
    row = house.resources.pool.fetchval(
        "SELECT notices_opted_out FROM member WHERE member_id = $1", await house.member_of(phone)
    )
    assert await row is expected


async def test_a_second_try_of_a_draw_tells_the_odds_it_was_made_by(house: House) -> None:
    """Though others were published in between."""
    phone, line = await house.follower(), Line(house)
    fields = line.text(phone, "抽奖")
    first = await line.push(fields)
    assert first is not None
    assert LUCKY_VERSION in first.content
    prizes = LUCKY["prizes"]
    turned = [
        prizes[0] | {"odds_ppm": prizes[1]["odds_ppm"]},
        prizes[1] | {"odds_ppm": prizes[0]["odds_ppm"]},
    ]
    await house.ledger.publish(rules_with(wheels=[LUCKY | {"prizes": turned + prizes[2:]}]))
    house.clock.advance(2)
    again = await line.push(fields)
    assert again is not None
    assert again.content == first.content


async def test_what_was_written_before_midnight_is_not_taken_for_todays(house: House) -> None:
    """Two sign-ins and a draw that arrive ten seconds late: whoever obeys the answers does not lose the streak."""
    phone, line = await house.follower(), Line(house)
    await house.ledger.publish(rules_with(wheels=[LUCKY | {"draws_per_day": 1, "free_per_day": 1}]))
    house.clock.advance(14 * 3600 - 20)
    late = [line.text(phone, words) for words in ("签到", "签到", "抽奖", "抽奖")]
    house.clock.advance(30)
    first, second, _, limit = [reply.content for fields in late if (reply := await line.push(fields))]
    assert first.endswith("这次记在2026年3月2日，今天的请再发一次「签到」。")
    assert second.startswith("2026年3月2日已经签到过了")
    assert second.endswith("今天的请再发一次「签到」。")
    assert limit == "2026年3月2日的抽奖次数用完了（每天 1 次），今天的请再发一次「抽奖」。"
    assert (await line.say(phone, "签到")).startswith("签到成功 +10 分，已连续 2 天")


async def test_signing_in_again_that_day_and_the_next(house: House) -> None:
    phone = await house.follower()
    await phone.say("签到")
    assert await said(phone, "签到") == (
        "今天已经签到过了，得了 10 分，已连续 1 天，再签 2 天可得 20 分。\n当前积分 110。明天再来吧。"
    )
    house.clock.advance(DAY_S)
    assert (await said(phone, "签到")).startswith("签到成功 +10 分，已连续 2 天，再签 1 天可得 20 分。")


TAPPED = {
    "签到": "签到成功 +10 分",
    "抽奖": "公示概率：",
    "兑换": "可以兑换：\n1. 手工曲奇一份",
    "我的兑换": "还没有兑换过。",
    "邀请": "邀请好友加入拾光咖啡",
    "积分": "当前积分 ",
    "明细": "新人礼 +100，余 100",
    "等级": "你现在是「普通会员」",
    "规则": "积分规则（第 1 版）",
    "帮助": "签到：每天一次",
}


def click_keys(menu: Sequence[Mapping[str, Any]]) -> list[str]:
    """Every key of the menu's buttons, in their order."""
    keys: list[str] = []
    for button in menu:
        keys += [button["key"]] if button.get("type") == "click" else click_keys(button.get("sub_button", []))
    return keys


async def test_every_button_of_the_menu_gets_its_own_answer(house: House) -> None:
    phone = await house.follower()
    keys = click_keys(buttons(house.resources.settings))
    assert sorted(keys) == sorted(TAPPED)
    for key in sorted(keys, key=lambda key: key == "抽奖"):  # last, as it may win a voucher
        (reply,) = (await phone.tap(key))["replies"]
        assert TAPPED[key] in (reply.get("content") or reply["title"]), key
        house.clock.advance(2)


async def test_a_voice_that_was_understood(house: House, line: Line) -> None:
    phone = await house.follower()
    spoken = line.message(phone.oa_openid, "voice") | {"MediaId": "m", "Recognition": "签到。", "MsgId": 77}
    reply = await line.push(spoken)
    assert reply is not None
    assert reply.content.startswith("签到成功")


@pytest.mark.parametrize("kind", ["image", "location", "never_heard_of"])
async def test_other_kinds_get_the_short_help(house: House, line: Line, kind: str) -> None:
    phone = await house.follower()
    reply = await line.push(line.message(phone.oa_openid, kind) | {"MsgId": 78})
    assert reply is not None
    assert reply.content.startswith("发下面的词")


@pytest.mark.parametrize(
    "event", ["VIEW", "LOCATION", "view_miniprogram", "some_future_event", "user_authorization_revoke"]
)
async def test_other_events_are_ignored_politely(house: House, line: Line, event: str) -> None:
    assert await line.push(line.event("oStranger", event, EventKey="x", OpenID="oStranger")) is None
    assert await house.ledger.count("member") == 0


async def test_someone_who_followed_before_there_was_a_programme(house: House, line: Line) -> None:
    phone = await house.phone()
    assert (
        await line.say(phone, "签到") == "签到成功 +10 分，已连续 1 天，再签 2 天可得 20 分。\n当前积分 110。"
    )
    assert await house.ledger.count("contact", following=True) == 1


async def test_a_json_account_is_answered_in_json(house: House, line: Line) -> None:
    phone = await house.follower()
    reply = await line.push(line.text(phone, "签到"), form="json")
    assert reply is not None
    assert reply.content.startswith("签到成功")


async def waiting_notice(house: House, member_id: int) -> None:
    await house.resources.pool.execute(
        "INSERT INTO notice (member_id, kind, key, receipt_no, payload, state, created_at, due_at)"
        " VALUES ($1, 'expiry', 'k', 1, '{}', 'waiting', $2, $2)",
        member_id, house.clock.now(),
    )  # fmt: skip


async def test_a_visit_is_remembered_and_wakes_what_waited(house: House) -> None:
    phone = await house.follower()
    member_id = await house.member_of(phone)
    await waiting_notice(house, member_id)
    house.clock.advance(2 * DAY_S)
    await phone.say("积分")
    seen = await house.resources.pool.fetchval(
        "SELECT last_seen_on::text FROM account WHERE member_id = $1", member_id
    )
    assert seen == "2026-03-04"
    assert await house.ledger.count("notice", state="waiting") == 0


async def test_what_waited_is_due_when_its_window_is_open_and_not_before(house: House) -> None:
    phone = await house.follower()
    member_id = await house.member_of(phone)
    await waiting_notice(house, member_id)
    house.clock.advance(2 * DAY_S)
    await house.resources.redis.client_pause(300, all=False)
    said = asyncio.create_task(phone.say("积分"))
    await asyncio.sleep(0.2)
    assert await house.ledger.count("notice", state="waiting") == 1
    await said
    assert await house.ledger.count("notice", state="due") == 1
    assert await house.resources.windows.take(phone.oa_openid, house.clock.now())


async def test_the_platforms_retry_gives_no_used_message_back(house: House, line: Line) -> None:
    phone = await house.follower()
    message = line.text(phone, "积分")
    assert await line.push(message) is not None
    windows, opened = house.resources.windows, house.clock.now()
    house.clock.advance(70)  # so that the window of following has closed
    assert [await windows.take(phone.oa_openid, house.clock.now()) for _ in range(2)] == [True] * 2
    assert await line.push(message) is not None
    left = [await windows.take(phone.oa_openid, house.clock.now()) for _ in range(4)]
    assert left == [True, True, True, False]
    assert not await windows.take(phone.oa_openid, opened + timedelta(hours=48))


async def test_a_clock_that_ran_ahead_shuts_no_window(house: House, line: Line) -> None:
    phone = await house.follower()
    house.clock.advance(70)
    from_the_future = int(house.clock.now().timestamp()) + 30 * DAY_S
    assert await line.push(line.text(phone, "积分", CreateTime=from_the_future)) is not None
    windows = house.resources.windows
    assert [await windows.take(phone.oa_openid, house.clock.now()) for _ in range(6)] == [True] * 5 + [False]
    house.clock.advance(60)
    assert await line.say(phone, "积分")
    assert await windows.take(phone.oa_openid, house.clock.now())
