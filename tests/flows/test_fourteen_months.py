"""One story on one clock: two friends meet the programme, play, fall silent, are warned and woken, and their points lapse."""

from datetime import date, timedelta
from typing import Any

from bot.answers import points_left
from bot.checkin import check_in_text
from bot.follow import welcome_text
from bot.reward import redeem_text
from loyalty.audit import audit
from loyalty.checkin.outcomes import CheckedIn
from loyalty.engine.refusals import NotEnoughPoints
from loyalty.entries import entry_title
from tasks.delivery import deliver_notices
from tasks.expiry import expire_points, open_points, warn_expiring
from tasks.follow_ups import run_follow_ups
from tasks.wakeup import wake_silent
from tests.bot.told import BRAND, DAY, REDEEMED, signed_in
from tests.emulator.harness import Phone
from tests.house import House
from tests.ledger import DAY_S, KEYS, ZONE, demo_rules
from tests.tasks.scenes import morning


async def said(phone: Phone, text: str) -> str:
    """What the account answers to a text."""
    [reply] = (await phone.say(text))["replies"]
    return str(reply["text"])


async def jobs_of_a_day(house: House) -> None:
    """All jobs, once, as the worker would run them: those of the night, and in the evening the delivery of what they wrote."""
    now = house.clock.now()
    for sweep in (open_points, expire_points, warn_expiring, wake_silent):
        mark: Any = await sweep(house.resources, now)
        while mark is not None:
            mark = await sweep(house.resources, now, mark)
    await run_follow_ups(house.resources, now)
    house.clock.move_to(now.astimezone(ZONE).replace(hour=20, minute=50))
    await deliver_notices(house.resources, house.clock.now())
    await house.emulator.pushes()


async def pass_days(house: House, days: int) -> None:
    """Let days go by, each with its jobs."""
    for _ in range(days):
        house.clock.move_to(morning(house.clock.now().astimezone(ZONE).date() + timedelta(days=1)))
        await jobs_of_a_day(house)


async def sent_to(phone: Phone) -> list[str]:
    """Titles of the template messages the phone has received."""
    return [str(item["title"]) for item in await phone.inbox("template")]


async def test_fourteen_months(house: House) -> None:
    start = house.clock.now()
    ming = await house.phone("小明")
    assert (await ming.follow())["replies"][0]["text"] == welcome_text(BRAND, 100, None)

    # A week of sign-ins climbs the ladder: 7 × 10, 20 on day three, 50 on day seven.
    first = await said(ming, "签到")
    assert first == check_in_text(CheckedIn(DAY, 1, 10, 0, 110, 20, 2), DAY)
    for day, points, bonus in ((2, 10, 0), (3, 30, 20), (4, 10, 0), (5, 10, 0), (6, 10, 0), (7, 60, 50)):
        await pass_days(house, 1)
        assert (await said(ming, "签到")).startswith(signed_in(day, points, bonus))
    assert points_left(240) in await said(ming, "积分")

    # A friend scans his code and signs in: the friend is paid before the answer, the inviter right after it.
    member = await house.member_of(ming)
    invitation = (await ming.say("邀请"))["replies"][0]
    assert invitation["type"] == "news"
    code = await house.resources.pool.fetchval(
        "SELECT referral_code FROM member WHERE member_id = $1", member
    )
    hong = await house.phone("小红")
    await hong.scan(scene=f"inv_{code}")
    assert (await said(hong, "签到")).startswith(signed_in(1))
    await house.resources.engine.settle()
    assert points_left(290) in await said(ming, "积分")
    assert points_left(130) in await said(hong, "积分")

    # He redeems what he can afford, is refused what he cannot, gives one voucher back in the mini-program.
    cookie, *_, dear = demo_rules().rewards
    assert (await said(ming, "兑换 1")).startswith(f"{REDEEMED}{cookie.name}")
    assert await said(ming, "兑换 6") == redeem_text(NotEnoughPoints(dear.price_points, 230), dear.name)
    session = await house.session(ming)
    async with house.http.get(f"{house.server_url}/api/v1/redemptions", headers=session) as answer:
        [redemption] = (await answer.json())["items"]
    cancel = f"{house.server_url}/api/v1/redemptions/{redemption['id']}/cancel"
    async with house.http.post(cancel, headers=session | {"Idempotency-Key": "give-back"}) as answer:
        assert (await answer.json())["balance"] == 290

    # He goes silent: nothing on day 29, one wake-up on day 30, and only one in all that silence.
    await pass_days(house, 29)
    assert await sent_to(ming) == []
    await pass_days(house, 1)
    assert await sent_to(ming) == ["会员权益提醒"]
    await pass_days(house, 60)
    assert await sent_to(ming) == ["会员权益提醒"]

    # March's points lapse on 1 April of the next year: three warnings, one in each range, none twice.
    assert (start.year, start.month) == (2026, 3)
    lapse = date(2027, 4, 1)
    while house.clock.now().date() < lapse - timedelta(days=35):
        await pass_days(house, 7)
    await pass_days(house, (lapse - house.clock.now().date()).days - 1)
    warnings = [item for item in await ming.inbox("template") if item["title"] == "积分到期提醒"]
    assert len(warnings) == 3
    assert all("290" in item["text"] for item in warnings)
    assert "290" in await said(ming, "积分")

    # The day itself: gone, booked and told, whether or not the night job has run.
    house.clock.advance(DAY_S)
    assert points_left(0) in await said(ming, "积分")
    await jobs_of_a_day(house)
    assert points_left(0) in await said(ming, "积分")
    assert entry_title("lapsed", {}) in await said(ming, "明细")
    await pass_days(house, 31)
    report = await audit(house.resources.pool, house.clock.now(), KEYS)
    assert report.violations == []
    assert report.accounts == 2
