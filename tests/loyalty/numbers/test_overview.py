"""总览, 活动对比 and 偏好与时段 (N10, N12, N15): by golden rows of facts."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from loyalty.checkin.commands import CheckIn
from loyalty.numbers.comparing import NO_CONTROL, compare, differences, ranked_campaigns, turnover
from loyalty.numbers.habits import busy_hours, liked_rewards, member_habits
from loyalty.numbers.overview import overview
from loyalty.rewards.commands import Redeem
from tests.ledger import DAY_S, ZONE, Ledger, demo_rules, rules_with
from tests.loyalty.numbers.counting import count_all
from tests.loyalty.test_flows import FIRST
from tests.loyalty.worlds import today

MONDAY = date(2026, 3, 2)


async def shown(ledger: Ledger) -> None:
    """An edition of facts that a test fills."""
    await ledger.pool.execute("INSERT INTO number_feed VALUES (1, true, '2026-03-30', 0, 0)")


async def minutes(ledger: Ledger, rows: Iterable[tuple[date, int, str, int, int]]) -> None:
    statement = "INSERT INTO minute_fact VALUES (1, $1, $2, $3, $4, $5, 0)"
    await ledger.pool.executemany(statement, list(rows))


async def daily(ledger: Ledger, rows: Iterable[tuple[date, str, str, str, int, int, int]]) -> None:
    """Facts: day, flow, rule, campaign, version, points, times."""
    statement = "INSERT INTO daily_fact VALUES (1, $1, $1, $2, '', '', '', '', $3, $4, $5, $6, $7, 0)"
    await ledger.pool.executemany(statement, list(rows))


async def test_today_so_far_against_last_week_to_the_same_minute(ledger: Ledger) -> None:
    await shown(ledger)
    last = MONDAY - timedelta(days=7)
    await minutes(
        ledger,
        [(MONDAY, 0, "issued", 5, 1), (MONDAY, 631, "issued", 7, 2), (MONDAY, 632, "issued", 100, 9),
         (last, 631, "issued", 6, 1), (last, 632, "issued", 1000, 50), (last - timedelta(days=7), 5, "issued", 9999, 1)],
    )  # fmt: skip
    statement = "INSERT INTO member_day VALUES ($1, 1, $2, $3, 1, 0, 0, 0, 0, 0, false, $1, 0)"
    await ledger.pool.executemany(
        statement, [(1, MONDAY, 631), (2, MONDAY, 632), (3, MONDAY, None), (1, last, 0)]
    )
    now = datetime(2026, 3, 2, 2, 32, 40, tzinfo=UTC)  # 10:32:40 in Shanghai, so that 10:31 is complete
    found = await overview(ledger.pool, now, ZONE)
    assert (found.until, found.today.day, found.before.day) == ("10:32", MONDAY, last)
    assert (found.today.totals["issued"], found.before.totals["issued"]) == (12, 6)
    assert (found.today.active, found.before.active) == (1, 1)
    assert (await overview(ledger.pool, now - timedelta(seconds=20), ZONE)).until == "10:31"


async def test_versions_are_compared_by_the_same_numbers_per_day(ledger: Ledger) -> None:
    await shown(ledger)
    days = [MONDAY + timedelta(days=number) for number in range(6)]
    await daily(ledger, [(day, "issued", "check_in", "", 1, 100, 10) for day in days[:4]])
    await daily(ledger, [(day, "issued", "check_in", "", 2, 150, 12) for day in days[4:]])
    await daily(ledger, [(days[5], "redeemed", "reward:cookie", "", 2, 60, 1)])
    one, other = await compare(ledger.pool, "version", ("1", "2"), MONDAY, days[-1], demo_rules())
    assert (one.days, other.days, one.title) == (4, 2, "第 1 版")
    found = {item.name: (item.one, item.other, item.change) for item in differences(one, other)}
    assert found == {"issued": (100.0, 150.0, 0.5), "redeemed": (0.0, 0.5, None)}
    empty, _ = await compare(ledger.pool, "version", ("9", "1"), MONDAY, days[-1], demo_rules())
    assert (empty.days, empty.per_day("issued")) == (0, 0.0)
    assert "没有对照组" in NO_CONTROL


async def test_campaigns_by_the_points_that_they_move(ledger: Ledger) -> None:
    await shown(ledger)
    rows = [
        ("issued", "earn:double", "earn:double", 500), ("issued", "wheel:lucky", "wheel:lucky", 100),
        ("used", "wheel:lucky", "wheel:lucky", 450), ("issued", "check_in", "", 9000),
    ]  # fmt: skip
    await daily(
        ledger, [(MONDAY, flow, rule, campaign, 1, points, 1) for flow, rule, campaign, points in rows]
    )
    found = await ranked_campaigns(ledger.pool, MONDAY, MONDAY, demo_rules())
    assert [(line.part, turnover(line.totals)) for line in found] == [
        ("wheel:lucky", 550),
        ("earn:double", 500),
    ]
    one, other = await compare(
        ledger.pool, "campaign", ("earn:double", "wheel:lucky"), MONDAY, MONDAY, demo_rules()
    )
    assert [item.name for item in differences(one, other)] == ["issued", "used"]


async def test_what_members_like_and_when_they_come(ledger: Ledger) -> None:
    await ledger.publish(rules_with(welcome={"points": 9000}))
    one, other = await ledger.member(), await ledger.member()
    for member in (one, one, other):
        await ledger.run(Redeem, member, reward="cookie")
    await ledger.run(Redeem, other, reward="class")
    ledger.clock.advance(DAY_S + 3 * 3600)
    await ledger.run(CheckIn, one)
    await count_all(ledger)
    liked = await liked_rewards(ledger.pool, FIRST, today(ledger), demo_rules())
    assert [(item.rule, item.pieces, item.share) for item in liked] == [
        ("reward:cookie", 3, 0.75),
        ("reward:class", 1, 0.25),
    ]
    assert liked[0].title.startswith("兑换礼品「")
    hours = await busy_hours(ledger.pool, FIRST, today(ledger))
    assert hours == {(1, 10): hours[1, 10], (2, 13): 1}
    of_one = await member_habits(ledger.pool, one, today(ledger), demo_rules(), ZONE)
    assert [(item.rule, item.pieces, item.share) for item in of_one.liked] == [("reward:cookie", 2, 1.0)]
    assert (of_one.active_days, of_one.last_active) == (2, today(ledger))
    assert of_one.hours[2, 13] == 1
    assert sum(hours.values()) == await ledger.pool.fetchval("SELECT sum(acts) FROM member_day")
