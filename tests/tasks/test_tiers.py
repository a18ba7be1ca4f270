"""T04, the review of tiers: warned before, kept or fallen on the day, once however often the job runs or is killed."""

import asyncio
from datetime import date

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.tiers.views import standing
from tasks.delivery import deliver_notices
from tasks.tiers import review_tiers, set_tiers, warn_tiers
from tests.house import House
from tests.ledger import DAY_S, KEYS, rules_with
from tests.partner_api.till import till
from tests.tasks.scenes import go_to, notices

SPANS = "SELECT tier, came_from, why FROM tier_span WHERE member_id = $1 ORDER BY receipt_no"
GROWTH = {"lines": [{"metric": "growth", "at_least": 30}]}
DAYS = {"lines": [{"metric": "active_days", "at_least": 3}]}
LADDER = [
    {"id": "basic", "name": "普通会员", "growth": 0},
    {"id": "silver", "name": "银卡会员", "growth": 20, "keep": GROWTH, "benefits": ["免费升杯"]},
    {"id": "gold", "name": "金卡会员", "growth": 50, "keep": DAYS, "benefits": ["免费升杯", "新品试饮"]},
]


async def publish(house: House, **review: object) -> None:
    await house.ledger.publish(
        rules_with(tiers=LADDER, tier_review=review, welcome={"points": 0}, check_in={"points": 10})
    )


async def sign_in(house: House, member: int, times: int) -> None:
    for _ in range(times):
        await house.ledger.run(CheckIn, member)
        house.clock.advance(DAY_S)


async def night(house: House, day: date) -> None:
    """The jobs of a day, twice, as after a crash."""
    await go_to(house, day)
    for _ in range(2):
        for job in (set_tiers, review_tiers, warn_tiers):
            await job(house.resources, house.clock.now())


async def spans(house: House, member: int) -> list[tuple[str, str, str]]:
    return [tuple(row) for row in await house.resources.pool.fetch(SPANS, member)]


async def no_violations(house: House) -> None:
    await house.resources.pool.execute("UPDATE notice SET state = 'sent'")
    assert (await audit(house.resources.pool, house.clock.now(), KEYS)).violations == []


REACHED = [("silver", "basic", "reached"), ("gold", "silver", "reached")]
YEARS = [
    ("step", 0, [("silver", "gold", "fell")]),
    ("step", 3, [("gold", "gold", "kept")]),
    ("level", 0, [("basic", "gold", "fell")]),
]


@pytest.mark.parametrize(("drop", "signed", "after"), YEARS)
async def test_a_year_is_reviewed_once_it_is_over(
    house: House, drop: str, signed: int, after: list[tuple[str, str, str]]
) -> None:
    """Gold was reached in 2026, so the first year that is reviewed is 2027."""
    await publish(house, by="year", drop=drop, warn_days=30)
    member = await house.ledger.member()
    await sign_in(house, member, 5)
    await night(house, date(2027, 1, 1))
    assert await spans(house, member) == REACHED
    await go_to(house, date(2027, 6, 1))
    await sign_in(house, member, signed)
    await night(house, date(2027, 12, 1))
    assert await notices(house, member, "tier_review") == []
    await night(house, date(2027, 12, 2))
    warned = [row["key"] for row in await notices(house, member, "tier_review")]
    assert warned == ([] if signed else ["2028-01-01"])
    await night(house, date(2027, 12, 31))
    assert await spans(house, member) == REACHED
    await night(house, date(2028, 1, 3))
    assert await spans(house, member) == REACHED + after
    await night(house, date(2028, 1, 4))
    assert await spans(house, member) == REACHED + after
    await no_violations(house)


async def test_who_fell_rises_again_by_the_keep_line_of_the_present_period(house: House) -> None:
    await publish(house, by="quarter", warn_days=0)
    member = await house.ledger.member()
    await sign_in(house, member, 5)
    await night(house, date(2026, 7, 1))
    assert (await spans(house, member))[2:] == [("silver", "gold", "fell")]
    await sign_in(house, member, 2)
    await night(house, date(2026, 7, 3))
    assert len(await spans(house, member)) == 3
    await sign_in(house, member, 1)
    await night(house, date(2026, 7, 5))
    assert (await spans(house, member))[3:] == [("gold", "silver", "reached")]
    await no_violations(house)


async def test_rolling_is_reviewed_365_days_after_the_tier_was_reached(house: House) -> None:
    await publish(house, by="rolling")
    member = await house.ledger.member()
    await sign_in(house, member, 7)
    await night(house, date(2027, 3, 5))
    assert await spans(house, member) == REACHED
    await night(house, date(2027, 3, 6))
    assert (await spans(house, member))[2:] == [("gold", "gold", "kept")], (
        "the day of reaching it and two more"
    )
    await night(house, date(2028, 3, 4))
    assert len(await spans(house, member)) == 3
    await night(house, date(2028, 3, 5))
    assert (await spans(house, member))[3:] == [("silver", "gold", "fell")]
    await no_violations(house)


async def test_t11_the_job_begins_the_history_and_raises_after_a_publication(house: House) -> None:
    await house.ledger.publish(rules_with(tiers=LADDER[:1], welcome={"points": 0}, check_in={"points": 10}))
    member, newcomer = await house.ledger.member(), await house.ledger.member()
    await sign_in(house, member, 5)
    await publish(house, by="year")
    await night(house, date(2026, 4, 1))
    assert await spans(house, member) == [("gold", "gold", "begun")]
    assert await spans(house, newcomer) == []
    await no_violations(house)


async def test_t03_the_chat_and_the_api_say_what_is_missing_what_keeps_it_and_what_is_lost(
    house: House,
) -> None:
    await publish(house, by="quarter", warn_days=30)
    phone = await house.follower()
    member = await house.member_of(phone)
    await sign_in(house, member, 5)
    await night(house, date(2026, 4, 1))
    said = (await phone.say("等级"))["replies"][0]["content"]
    assert said == (
        "你现在是「金卡会员」，成长值 50。\n享有：免费升杯、新品试饮。\n这已经是最高的等级了。\n"
        "2026年7月1日评定，保级条件：上一季度签到满 3 天。\n"
        "现在还差签到 3 天；没有达到会降为「银卡会员」，不再享有：新品试饮。\n赚积分就涨成长值，花积分不会减。"
    )
    await night(house, date(2026, 7, 1))
    said = (await phone.say("等级"))["replies"][0]["content"]
    assert "你现在是「银卡会员」，成长值 50。" in said
    assert "恢复「金卡会员」还差签到 3 天。\n升级后另有：新品试饮。" in said
    headers = await house.session(phone)
    async with house.http.get(f"{house.server_url}/api/v1/tiers", headers=headers) as answer:
        tiers = (await answer.json())["items"]
    assert [tier["mine"] for tier in tiers] == [False, True, False]
    assert tiers[1]["review_on"] == "2026-10-01"
    assert tiers[1]["keep"] == "上一季度成长值满 30"
    assert tiers[2]["reach_lines"] == [
        {
            "text": "成长值满 50",
            "metric": "growth",
            "within": "ever",
            "have": 50,
            "at_least": 50,
            "missing": 0,
        }
    ]
    assert tiers[2]["keep_lines"][0]["missing"] == 3


async def test_the_numbers_are_those_of_the_present_period(house: House) -> None:
    await publish(house, by="year")
    member = await house.ledger.member()
    await sign_in(house, member, 2)
    await go_to(house, date(2027, 1, 1))
    await sign_in(house, member, 3)
    live = await house.ledger.live()
    stands = await standing(house.resources.pool, member, live, house.clock.now())
    found = {period: tuple(metrics) for period, metrics in stands.measured.items()}
    assert found == {
        "ever": (50, 5, 0), "year": (30, 3, 0), "quarter": (30, 3, 0), "days_365": (50, 5, 0),
    }  # fmt: skip


async def test_a_warning_says_what_is_missing_and_is_not_sent_where_nothing_is(house: House) -> None:
    await publish(house, by="quarter", warn_days=30)
    late, keen = await house.follower("小明"), await house.follower("小红")
    for phone in (late, keen):
        await sign_in(house, await house.member_of(phone), 5)
    await night(house, date(2026, 6, 10))
    await sign_in(house, await house.member_of(keen), 3)
    for phone in (late, keen):
        await phone.say("积分")
    await house.resources.pool.execute("UPDATE notice SET due_at = $1", house.clock.now())
    for _ in range(3):
        await deliver_notices(house.resources, house.clock.now())
    [message] = await late.inbox("custom")
    assert "2026年7月1日评定等级。要保住「金卡会员」，还差签到 3 天。" in message["content"]
    assert await keen.inbox("custom") == []
    [row] = await notices(house, await house.member_of(keen), "tier_review")
    assert (row["state"], row["reason"]) == ("suppressed", "already_kept")


async def test_two_workers_review_at_once_and_one_review_stands(house: House) -> None:
    await publish(house, by="year")
    members = [await house.ledger.member() for _ in range(3)]
    for member in members:
        await sign_in(house, member, 5)
    now = await go_to(house, date(2028, 1, 1))
    await asyncio.gather(*(review_tiers(house.resources, now) for _ in range(4)))
    for member in members:
        assert (await spans(house, member))[2:] == [("silver", "gold", "fell")]
    await no_violations(house)


async def test_t06_partners_see_the_benefits_of_the_tier_that_is_effective_now(house: House) -> None:
    await publish(house, by="quarter")
    member = await house.ledger.member()
    await sign_in(house, member, 5)
    shop = await till(house, ["members"])
    gold = (await shop.get(f"/members/{member}")).json
    assert (gold["tier"]["id"], gold["benefits"]) == ("gold", ["免费升杯", "新品试饮"])
    await night(house, date(2026, 7, 1))
    silver = (await shop.get(f"/members/{member}")).json
    assert (silver["tier"]["id"], silver["benefits"]) == ("silver", ["免费升杯"])
