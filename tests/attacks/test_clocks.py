"""S10: clients' clocks, events with another date on them, midnight from two devices."""

import asyncio
from datetime import datetime, timedelta

import pytest

from bot.answers import APOLOGY
from bot.chat import MAX_DELAY
from loyalty.audit import audit
from tests.bot.line import Line
from tests.bot.told import SIGNED_BEFORE, SIGNED_IN, TOO_LATE
from tests.house import House
from tests.ledger import DAY_S, KEYS, START
from tests.miniapp_api.client import Mini, mini

TODAY = "2026-03-02"
MIDNIGHT = datetime.fromisoformat("2026-03-02T16:00:00+00:00")
"""In Shanghai."""
CLOCKS = {
    "Date": "Tue, 01 Jan 2030 00:00:00 GMT",
    "X-Timestamp": "1893456000",
    "X-Client-Time": "2030-01-01T00:00:00+08:00",
    "X-Timezone": "Pacific/Kiritimati",
    "If-Modified-Since": "Tue, 01 Jan 2030 00:00:00 GMT",
    "If-None-Match": "*",
}


async def days(house: House) -> list[tuple[str, int]]:
    rows = await house.resources.pool.fetch("SELECT day::text, streak FROM check_in ORDER BY member_id, day")
    return [(row["day"], row["streak"]) for row in rows]


async def test_s10_a_clients_clock_counts_for_nothing(house: House) -> None:
    """In headers and query it is not read, in a body refused: the day is the server's."""
    for number, (name, value) in enumerate(CLOCKS.items()):
        ming = await mini(house, f"手机{number}")
        signed = await ming.post(
            "/check-ins?day=2030-01-01&at=2030-01-01T00:00:00Z", {}, key="k", **{name: value}
        )
        assert (signed.status, signed.json["day"]) == (201, TODAY)
        for body in ({"day": "2030-01-01"}, {"at": value}, {"created_at": 1_893_456_000}):
            assert (await ming.once("/check-ins", body)).code == "invalid"
        for path in ("/me", "/check-ins", "/wheels"):
            plain = await ming.get(path)
            assert (await ming.get(path, now="2030-01-01")).raw == plain.raw
    assert {day for day, _ in await days(house)} == {TODAY}


@pytest.mark.parametrize("ahead_s", [1, 3600, DAY_S, 400 * DAY_S])
async def test_s10_a_message_from_the_future_counts_today(house: House, ahead_s: int) -> None:
    """No sign-in can be made ahead: tomorrow's is still to be made tomorrow."""
    phone, line = await house.follower(), Line(house)
    future = int(house.clock.now().timestamp()) + ahead_s
    assert (await line.say(phone, "签到", CreateTime=future)).startswith(SIGNED_IN)
    assert (await line.say(phone, "签到", CreateTime=future)).startswith(SIGNED_BEFORE)
    assert await days(house) == [(TODAY, 1)]
    house.clock.advance(DAY_S)
    assert (await line.say(phone, "签到")).startswith(SIGNED_IN)
    assert await days(house) == [(TODAY, 1), ("2026-03-03", 2)]


@pytest.mark.parametrize("stamp", [0, 1, 10**9, int(START.timestamp()) - 40 * DAY_S, 99_999_999_999])
async def test_s10_absurd_dates_break_nothing(house: House, stamp: int) -> None:
    """Whatever date a proven push bears, it is answered, the ledger stays whole, and today's sign-in counts today."""
    phone, line = await house.follower(), Line(house)
    for word in ("签到", "抽奖", "兑换 1", "积分"):
        assert await line.say(phone, word, CreateTime=stamp) != APOLOGY.text, word
    await line.push(line.event(phone.oa_openid, "unsubscribe", CreateTime=stamp))
    await line.say(phone, "签到")
    assert (TODAY, 1) in await days(house)
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


async def test_s10_a_day_signed_cannot_be_passed_by_an_earlier_one(house: House) -> None:
    """Back-dated messages make no streak afterwards: once today is signed, earlier days are closed."""
    phone, line = await house.follower(), Line(house)
    now = int(house.clock.now().timestamp())
    await line.say(phone, "签到")
    for back in range(1, 8):
        said = await line.say(phone, "签到", CreateTime=now - back * DAY_S)
        assert said.startswith(TOO_LATE if back <= MAX_DELAY.days else SIGNED_BEFORE), back
    assert await days(house) == [(TODAY, 1)]
    assert await house.ledger.balance(await house.member_of(phone)) == 110


async def test_s10_midnight_from_two_devices(house: House) -> None:
    """The chat's message was written before midnight, the mini-program's tap came after: each day once, in any order."""
    house.clock.move_to(MIDNIGHT - timedelta(seconds=1))
    phone, line = await house.follower(), Line(house)
    ming = Mini(house, await house.member_of(phone), await house.session(phone))
    written = int(house.clock.now().timestamp())
    house.clock.move_to(MIDNIGHT)
    said, tapped = await asyncio.gather(
        asyncio.gather(*(line.say(phone, "签到", CreateTime=written) for _ in range(16))),
        asyncio.gather(*(ming.once("/check-ins", {}) for _ in range(16))),
    )
    signed = await days(house)
    assert signed in ([("2026-03-03", 1)], [(TODAY, 1), ("2026-03-03", 2)])
    assert [answer.status for answer in tapped].count(201) == 1
    assert sum(text.startswith(SIGNED_IN) for text in said) == len(signed) - 1
    assert await house.ledger.balance(ming.member_id) == 100 + 10 * len(signed)
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []
