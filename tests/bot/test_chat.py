"""Every word of the chat, in safe mode, through the emulator."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from bot.checkin import check_in_text
from bot.entries import entries_text
from bot.follow import welcome_text
from bot.help_lines import full_help, short_help
from bot.menu import buttons
from bot.mission import NO_MISSIONS
from bot.notice import RESUMED, STOPPED
from bot.overview import balance_text, tier_text
from bot.referral import QRCODE_UNAVAILABLE, bind_text, invitation_answer
from bot.reward import list_text, redeem_text, unknown_number_text, vouchers_text
from bot.rule_texts import rules_text
from bot.wheel import SHORT, draw_text, earlier_day_limit_text
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.entries import EntryView, entry_title
from loyalty.games.outcomes import DrawLimitReached, Drawn, DrawnPrize
from loyalty.programme.files.reading import read_rules
from loyalty.programme.publishing.publication import publish
from loyalty.referral.outcomes import ReferralBound
from loyalty.referral.views import ReferralView
from loyalty.rewards.outcomes import Redeemed
from loyalty.rewards.views import redemptions, rewards
from loyalty.rule_texts import rule_texts
from tests.bot.line import Line
from tests.bot.told import BRAND, DAY, SIGNED_IN, opening, overview, signed_in
from tests.emulator.harness import Phone
from tests.house import House
from tests.ledger import DAY_S, DEMO_RULES, START, ZONE, rules_with

RULES = rules_with()
LUCKY = RULES.wheels[0].model_dump(mode="json")
LUCKY_VERSION = RULES.wheels[0].odds_version[:SHORT]
NOBODY_YET = ReferralView("code", "inv_code", 0, 0, 0, RULES.referral.enabled, [])
INVITATION = invitation_answer(NOBODY_YET, RULES.referral, BRAND, "picture")


async def said(phone: Phone, text: str) -> str:
    answer = await phone.say(text)
    assert answer["attempts"] == 1
    (reply,) = answer["replies"]
    return str(reply["content"])


NEWCOMER = overview(balance=100, growth=100, points_to_next_tier=901, checked_in_today=False, streak=0)
GIFT = EntryView(1, 100, 100, "welcome", "gift", entry_title("welcome", {}), "", None, START, 1)
ANSWERS = [
    ("签到", check_in_text(CheckedIn(DAY, 1, 10, 0, 110, 20, 2), DAY)),
    (" 签到。 ", check_in_text(CheckedIn(DAY, 1, 10, 0, 110, 20, 2), DAY)),
    ("积分", balance_text(NEWCOMER)),
    ("余额", balance_text(NEWCOMER)),
    ("明细", entries_text([GIFT], ZONE)),
    ("等级", tier_text(NEWCOMER)),
    ("我的兑换", vouchers_text([])),
    ("兑换 99", unknown_number_text("99", 6)),
    ("兑换 9999999999999", unknown_number_text("9999999999999", 6)),
    ("兑换 3", redeem_text(NotEnoughPoints(200, 100), RULES.rewards[2].name)),
    ("退订提醒", STOPPED.text),
    ("恢复提醒", RESUMED.text),
    ("不在表里的词", short_help(RULES).text),
    ("\u202e\U0001f600", short_help(RULES).text),
]


@pytest.mark.parametrize(("word", "expected"), ANSWERS)
async def test_a_word(house: House, word: str, expected: str) -> None:
    assert await said(await house.follower(), word) == expected


async def test_the_list_has_numbers_that_can_be_exchanged(house: House) -> None:
    phone = await house.follower()
    member_id = await house.member_of(phone)
    live, now = await house.ledger.live(), house.clock.now()
    cookie, coffee, *_ = offered = await rewards(member_id, live, now)
    assert (cookie.number, cookie.price_points, cookie.stock_left, cookie.reason) == (1, 60, 300, None)
    assert (coffee.number, coffee.price_points, coffee.stock_left, coffee.eligible) == (2, 150, 200, False)
    assert await said(phone, "兑换") == list_text(offered, 100)
    done = await said(phone, "兑换 1")
    code = await house.resources.pool.fetchval("SELECT voucher_code FROM redemption")
    gone_on = date(2026, 4, 1)
    bought = Redeemed(2, 0, "cookie", cookie.name, 1, 60, code, "issued", gone_on, 40)
    assert done == redeem_text(bought, cookie.name)
    (voucher,) = await redemptions(member_id, live, now)
    assert (voucher.name, voucher.state, voucher.voucher, voucher.expires_on) == (
        cookie.name, "issued", code, gone_on,
    )  # fmt: skip
    shown = await said(phone, "我的兑换")
    assert shown == vouchers_text([voucher])
    assert code in shown


async def test_a_draw_tells_prize_points_and_odds(house: House) -> None:
    phone = await house.follower()
    shown = await said(phone, "抽奖")
    member_id = await house.member_of(phone)
    row = await house.resources.pool.fetchrow("SELECT * FROM draw WHERE member_id = $1", member_id)
    code = await house.resources.pool.fetchval("SELECT voucher_code FROM redemption")
    prize = RULES.wheels[0].prize(row["prize"])
    won = DrawnPrize(
        row["round_id"], row["nonce"], prize.id, prize.name, prize.kind, prize.level, prize.slot, prize.points, code
    )  # fmt: skip
    balance = await house.ledger.balance(member_id)
    assert balance == 100 - 20 + prize.points
    assert shown == draw_text(Drawn("lucky", (won,), 20, balance, 1), RULES)
    assert row["odds_version"][:10] in shown


async def test_a_draw_without_points(house: House) -> None:
    phone = await house.follower()
    await publish(
        house.resources.engine,
        with_dear_wheel(),
        base=1,
        effective_from=house.clock.now(),
        by="test",
        reason="dear",
        urgent=True,
    )
    assert await said(phone, "抽奖") == draw_text(NotEnoughPoints(5000, 100), RULES)


def with_dear_wheel() -> Any:
    rules = read_rules(DEMO_RULES)
    wheel = rules.wheels[0].model_copy(update={"cost_points": 5000})
    return rules.model_copy(update={"wheels": (wheel,)})


@pytest.mark.parametrize("word", ["邀请", "二维码"])
async def test_an_invitation_is_an_article_with_a_picture_that_leads_here(house: House, word: str) -> None:
    phone = await house.follower()
    (article,) = (await phone.say(word))["replies"]
    assert article["type"] == "news"
    assert article["title"] == INVITATION.text.splitlines()[0]
    async with house.http.get(article["pic_url"]) as picture:
        assert picture.status == 200
        assert (await picture.read())[:3] == b"\xff\xd8\xff"
    ticket = article["pic_url"].split("ticket=")[1]
    friend = await house.phone("小红")
    (welcome,) = (await friend.scan(ticket=ticket.replace("%3D", "=")))["replies"]
    bound = bind_text(ReferralBound(await house.member_of(phone)), RULES.referral)
    assert welcome["content"] == welcome_text(BRAND, 100, bound)


async def test_an_invitation_while_wechat_is_away(house: House) -> None:
    phone = await house.follower()
    await house.emulator.fault("/cgi-bin/qrcode/create", "http_502", times=5)
    assert await said(phone, "邀请") == QRCODE_UNAVAILABLE.text


async def test_the_rules_are_the_engines_own(house: House) -> None:
    assert await said(await house.follower(), "规则") == rules_text(rule_texts(RULES), 1)


async def test_help_is_the_full_one(house: House) -> None:
    assert await said(await house.follower(), "帮助") == full_help(RULES).text


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
    today = DAY + timedelta(days=1)
    assert first == check_in_text(CheckedIn(DAY, 1, 10, 0, 110, 20, 2), today)
    assert second == check_in_text(AlreadyCheckedIn(DAY, 1, 10, 110, 20, 2), today)
    assert limit == earlier_day_limit_text(DrawLimitReached(1, 0), DAY)
    assert (await line.say(phone, "签到")).startswith(signed_in(2))


async def test_signing_in_again_that_day_and_the_next(house: House) -> None:
    phone = await house.follower()
    await phone.say("签到")
    assert await said(phone, "签到") == check_in_text(AlreadyCheckedIn(DAY, 1, 10, 110, 20, 2), DAY)
    house.clock.advance(DAY_S)
    tomorrow = DAY + timedelta(days=1)
    assert await said(phone, "签到") == check_in_text(CheckedIn(tomorrow, 2, 10, 0, 120, 20, 1), tomorrow)


TAPPED = {
    "签到": signed_in(1),
    "抽奖": LUCKY_VERSION,
    "兑换": f"\n1. {RULES.rewards[0].name} ",
    "我的兑换": vouchers_text([]),
    "邀请": INVITATION.text.splitlines()[0],
    "积分": balance_text(NEWCOMER).splitlines()[-1],
    "等级": opening(tier_text(NEWCOMER)),
    "任务": NO_MISSIONS,
    "规则": rules_text(rule_texts(RULES), 1),
    "帮助": full_help(RULES).text,
}
"""What each button's answer has."""


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
    assert reply.content.startswith(SIGNED_IN)


@pytest.mark.parametrize("kind", ["image", "location", "never_heard_of"])
async def test_other_kinds_get_the_short_help(house: House, line: Line, kind: str) -> None:
    phone = await house.follower()
    reply = await line.push(line.message(phone.oa_openid, kind) | {"MsgId": 78})
    assert reply is not None
    assert reply.content == short_help(RULES).text


@pytest.mark.parametrize(
    "event", ["VIEW", "LOCATION", "view_miniprogram", "some_future_event", "user_authorization_revoke"]
)
async def test_other_events_are_ignored_politely(house: House, line: Line, event: str) -> None:
    assert await line.push(line.event("oStranger", event, EventKey="x", OpenID="oStranger")) is None
    assert await house.ledger.count("member") == 0


async def test_someone_who_followed_before_there_was_a_programme(house: House, line: Line) -> None:
    phone = await house.phone()
    assert await line.say(phone, "签到") == check_in_text(CheckedIn(DAY, 1, 10, 0, 110, 20, 2), DAY)
    assert await house.ledger.count("contact", following=True) == 1


async def test_a_json_account_is_answered_in_json(house: House, line: Line) -> None:
    phone = await house.follower()
    reply = await line.push(line.text(phone, "签到"), form="json")
    assert reply is not None
    assert reply.content.startswith(SIGNED_IN)


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
