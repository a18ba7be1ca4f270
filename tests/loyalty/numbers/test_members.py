"""Golden rows reproduce each formula: 会员分层 (T09, N04), 活跃、流失、复购 (N03), 滞销率和原因 (N02, D09), 负债与成本 (L10)."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from loyalty.numbers.facts import Amount
from loyalty.numbers.liability import costs, outstanding
from loyalty.numbers.members import Rates, matrix, rates, roi, segment_of
from loyalty.numbers.rule import Activity, Figures
from loyalty.numbers.stale import CAUSES, Month, Why, stale
from loyalty.numbers.totals import Totals
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.vouchers.commands import UseVoucher
from tests.ledger import Ledger, demo_rules, rules_with
from tests.loyalty.numbers.counting import count_all
from tests.loyalty.numbers.golden import Day, accounts, member_days
from tests.loyalty.numbers.test_overview import shown
from tests.loyalty.worlds import today

DAY = date(2026, 6, 30)
SEGMENTS: list[tuple[str, list[tuple[int, int, int]], str]] = [
    # days ago, acts, points issued
    ("nothing at all", [], "at_risk"),
    ("points without a deed", [(1, 0, 5000)], "at_risk"),
    ("91 days ago", [(91, 1, 5000)], "at_risk"),
    ("90 days ago", [(90, 1, 5000)], "low"),
    ("31 days ago, however often", [(ago, 1, 500) for ago in range(31, 41)], "low"),
    ("30 days ago, once", [(30, 1, 5000)], "low"),
    ("30 days ago, twice", [(30, 1, 10), (40, 1, 10)], "middle"),
    ("often, and 999 points", [(ago, 1, 0) for ago in range(6)] + [(9, 0, 999)], "middle"),
    ("often, and 1000 points", [(ago, 1, 0) for ago in range(6)] + [(9, 0, 1000)], "valuable"),
    ("five days, and 1000 points", [(ago, 1, 200) for ago in range(5)], "middle"),
    ("often within 90 days does not reach back further", [(ago, 1, 300) for ago in (0, 1, 2, 3, 4, 90)], "middle"),
    ("value reaches back a year", [(ago, 1, 0) for ago in range(6)] + [(365, 0, 1000)], "middle"),
    ("value of 364 days ago", [(ago, 1, 0) for ago in range(6)] + [(364, 0, 1000)], "valuable"),
    ("several deeds in one day are one day", [(0, 9, 2000)], "low"),
]  # fmt: skip


async def test_segments_at_their_boundaries_and_the_matrix_adds_up(ledger: Ledger) -> None:
    await shown(ledger)
    days = [
        Day(number, DAY - timedelta(days=ago), acts, issued)
        for number, (_, rows, _) in enumerate(SEGMENTS, 1)
        for ago, acts, issued in rows
    ]
    await member_days(ledger, days)
    rules = rules_with(
        tiers=[{"id": "basic", "name": "普卡", "growth": 0}, {"id": "gold", "name": "金卡", "growth": 500}]
    )
    for number, (what, _, segment) in enumerate(SEGMENTS, 1):
        assert await segment_of(ledger.pool, number, DAY, rules) == segment, what
    numbers = range(1, len(SEGMENTS) + 1)
    await accounts(ledger, dict.fromkeys(numbers, 0), m1=500, m2=499, m9=900)
    found = await matrix(ledger.pool, DAY, rules)
    assert sum(found.values()) == len(SEGMENTS)
    assert (found["gold", "at_risk"], found["gold", "valuable"], found["basic", "valuable"]) == (1, 1, 1)
    assert sum(members for (_, segment), members in found.items() if segment == "middle") == 5


async def test_active_lost_and_buying_again(ledger: Ledger) -> None:
    await shown(ledger)
    await accounts(ledger, dict.fromkeys(range(1, 9), 0))
    ago = {number: DAY - timedelta(days=number) for number in (0, 29, 30, 59, 60)}
    await member_days(
        ledger,
        [
            Day(1, ago[0], 1, orders=1), Day(1, ago[29], 1, orders=2),
            Day(2, ago[29], 1), Day(2, ago[30], 1, orders=1),
            Day(3, ago[30], 1, orders=2), Day(4, ago[59], 1), Day(5, ago[60], 1), Day(6, ago[0], 0, issued=5),
            Day(7, ago[59], 1, person=1),
        ],
    )  # fmt: skip
    found = await rates(ledger.pool, ago[59], DAY, Activity())
    assert found == Rates(members=8, active=2, before=4, lost=2, buyers=3, again=1)
    assert (found.activity, found.churn, found.repurchase) == (0.25, 0.5, 1 / 3)
    assert Rates(0, 0, 0, 0, 0, 0).churn is None


def test_return_on_what_points_cost() -> None:
    totals = Totals({
        "sold": Amount(0, 3, 100_00), "refunded": Amount(0, 1, 10_00), "used": Amount(500, 1), "captured": Amount(100, 1),
        "returned": Amount(150, 1),
    })  # fmt: skip
    assert roi(totals, 100) == 90_00 / 4_50
    assert roi(totals, None) is None
    assert roi(Totals(), 100) is None


async def test_stale_points_by_month_and_cause(ledger: Ledger) -> None:
    await shown(ledger)
    january, february, june = date(2026, 1, 10), date(2026, 2, 10), date(2026, 6, 25)
    figures = Figures(mature_days=90, industry="catering")
    await accounts(ledger, {1: 100, 2: 40, 3: 900, 4: 300, 5: 0})
    await member_days(
        ledger,
        [
            Day(1, january, 1, issued=100),  # away since January
            Day(2, january, issued=30), Day(2, june, 1, issued=10),  # 30 are old; 40 do not pay for 60
            Day(3, january, issued=200), Day(3, february, issued=300), Day(3, june, 1, issued=400),  # could, but never did
            Day(4, january, issued=500), Day(4, june, 1, used=400, returned=50),  # 350 of the first used
            Day(5, february, issued=70), Day(5, june, 1, used=70),  # all used
        ],
    )  # fmt: skip
    found = await stale(ledger.pool, DAY, figures, cheapest=60)
    assert found.until == date(2026, 4, 1)
    assert found.months == [
        Month(date(2026, 1, 1), 830, 100 + 30 + 200 + 150), Month(date(2026, 2, 1), 370, 300),
    ]  # fmt: skip
    assert (found.issued, found.unused, found.rate, found.reference) == (1200, 780, 0.65, 0.48)
    assert found.causes == [
        Why("never_tried", 500, 1),
        Why("saving", 150, 1),
        Why("away", 100, 1),
        Why("too_dear", 30, 1),
    ]
    assert sum(one.points for one in found.causes) == found.unused
    assert (found.first_cause, CAUSES["never_tried"][0]) == ("never_tried", "够换却从没换过")
    nothing_to_have = await stale(ledger.pool, DAY, figures, cheapest=None)
    assert nothing_to_have.first_cause == "too_dear"


def test_the_reference_can_be_edited_and_faults_are_named() -> None:
    figures = rules_with(figures={"industry": "retail", "stale_reference": {"retail": 55}}).figures
    assert (figures.stale_reference.retail, figures.stale_reference.catering) == (55, 48)
    usual = demo_rules().figures.stale_reference
    assert (usual.retail, usual.catering, usual.ecommerce, usual.beauty, usual.all) == (60, 48, 41, 66, 53)
    with pytest.raises(ValidationError, match="active_days"):
        rules_with(figures={"activity": {"active_days": 90, "risk_days": 90}})
    with pytest.raises(ValidationError):
        rules_with(figures={"stale_reference": {"retail": 101}})


async def test_what_points_and_redemptions_cost(ledger: Ledger) -> None:
    rewards = json.loads(demo_rules().model_dump_json())["rewards"]
    dear = [one | {"cost_fen": 850} if one["id"] == "cookie" else one for one in rewards]
    await ledger.publish(rules_with(welcome={"points": 9000}, rewards=dear))
    member = await ledger.member()
    first: Any = (await ledger.run(Redeem, member, reward="cookie", quantity=2)).outcome
    second: Any = (await ledger.run(Redeem, member, reward="cookie")).outcome
    ledger.clock.advance(5)
    await ledger.publish(
        rules_with(welcome={"points": 9000}, rewards=rewards)
    )  # the unit cost is that of the purchase
    await ledger.run(UseVoucher, member, receipt_no=first.receipt_no, line=0, by="小王", store="jingan")
    await ledger.run(Cancel, member, receipt_no=second.receipt_no, line=0)
    await count_all(ledger)
    found = {
        one.flow: (one.rule, one.pieces, one.fen)
        for one in await costs(ledger.pool, today(ledger), today(ledger))
    }
    assert found == {
        "redeemed": ("reward:cookie", 3, 2550), "written_off": ("reward:cookie", 2, 1700), "cancelled": ("reward:cookie", 1, 850),
    }  # fmt: skip
    balance = await ledger.balance(member)
    now = await outstanding(ledger.pool, 70)
    assert (now.points, now.liability_fen) == (balance, (balance * 70 + 50) // 100)
    assert sum(one.points for one in now.lapsing) == balance
    assert (await outstanding(ledger.pool, None)).liability_fen is None
