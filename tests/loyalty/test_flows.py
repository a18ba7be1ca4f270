"""`jifen report flows` (L08, L16): each flow is the sum of its entries, within the days, by store; and what piles up is told."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

from loyalty.adjustments.commands import AdjustPoints
from loyalty.checkin.commands import CheckIn
from loyalty.deductions.commands import CaptureHold, HoldPoints
from loyalty.earning.commands import RecordEvent
from loyalty.expiry.commands import Book
from loyalty.flows import BETWEEN_HALVES, Flows, flows, total
from loyalty.merging.run import merge
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.vouchers.commands import UseVoucher
from runtime.cli.reporting import ratio_text
from tests.ledger import DAY_S, ZONE, Ledger, rules_with
from tests.loyalty.worlds import busy_world, today

FIRST = date(2026, 3, 2)
BY_TYPE = """
SELECT src, dst, sum(amount)::bigint AS points FROM entry WHERE reason <> ALL($1::text[]) GROUP BY src, dst
"""


async def report(ledger: Ledger, first: date = FIRST, last: date | None = None) -> dict[str, Flows]:
    return await flows(ledger.pool, first, last or today(ledger), ZONE)


async def spent_a_day(ledger: Ledger) -> int:
    """A member who bought at a store, signed in, paid with points, bought two vouchers, used one and cancelled the other."""
    await ledger.publish(rules_with(welcome={"points": 500}, deductions={"points_per_yuan": 100}))
    member = await ledger.member()
    await ledger.run(
        RecordEvent, member, source="till", event="e1", kind="purchase", amount_fen=8800, order="so-1", store="jingan"
    )  # fmt: skip
    await ledger.run(CheckIn, member)
    held: Any = (
        await ledger.run(HoldPoints, member, order="so-2", store="xuhui", amount_fen=2000, points=50)
    ).outcome
    await ledger.run(CaptureHold, member, hold=held.hold, points=30)
    used, kept = [(await ledger.run(Redeem, member, reward="cookie")).outcome for _ in range(2)]
    voucher: Any = used
    await ledger.run(UseVoucher, member, receipt_no=voucher.receipt_no, line=0, by="小王", store="jingan")
    cancelled: Any = kept
    await ledger.run(Cancel, member, receipt_no=cancelled.receipt_no, line=0)
    await ledger.run(AdjustPoints, member, points=-7, reason="x", ticket="T", by="y")
    return member


async def test_the_four_flows_are_distinct_and_by_store(ledger: Ledger) -> None:
    await spent_a_day(ledger)
    found = await report(ledger)
    assert found["jingan"] == Flows(issued=88, vouchers=1, written_off=60)
    assert found["xuhui"] == Flows(held=50, captured=30, released=20)
    assert found[""] == Flows(issued=510, used=120, returned=60, taken_by_hand=7)
    whole = total(found.values())
    assert (whole.issued, whole.used, whole.captured, whole.expired, whole.written_off) == (
        598,
        120,
        30,
        0,
        60,
    )
    assert whole.ratio == 598 / 90


async def test_a_day_belongs_to_its_span_and_to_no_other(ledger: Ledger) -> None:
    member = await spent_a_day(ledger)
    ledger.clock.advance(400 * DAY_S)
    assert (await ledger.run(Book, member)).outcome.code == "booked"
    day = today(ledger)
    assert total((await report(ledger, day, day)).values()) == Flows(expired=501)
    assert await report(ledger, FIRST + timedelta(days=1), day - timedelta(days=1)) == {}
    assert total((await report(ledger, FIRST, FIRST)).values()).expired == 0


async def test_totals_are_the_sums_of_the_entries_by_type(ledger: Ledger) -> None:
    await busy_world(ledger)
    whole = total((await report(ledger)).values())
    rows = await ledger.pool.fetch(BY_TYPE, BETWEEN_HALVES)
    sums: Counter[tuple[str, str]] = Counter({(src, dst): points for src, dst, points in rows})
    assert whole.issued == sum(points for (src, _), points in sums.items() if src == "issued")
    assert whole.used == sums["available", "spent"]
    assert (whole.held, whole.captured, whole.released) == (
        sums["available", "held"],
        sums["held", "spent"],
        sums["held", "available"],
    )
    assert whole.returned == sums["spent", "available"]
    assert whole.expired == sums["available", "expired"]
    accounts = await ledger.pool.fetchrow("SELECT sum(spent)::bigint, sum(expired)::bigint FROM account")
    assert (whole.used + whole.captured - whole.returned, whole.expired - whole.revived) == tuple(accounts)


async def test_members_who_become_one_issue_nothing(ledger: Ledger) -> None:
    one, other = await ledger.member(), await ledger.member()
    before = total((await report(ledger)).values())
    await merge(ledger.engine, (one, other), actor="test", reason="x")
    assert total((await report(ledger)).values()) == before


def test_points_that_pile_up_are_told() -> None:
    assert ratio_text(Flows(issued=1000, used=90), 10) == (
        "每用掉 1 分，发放了 11.1 分，超过了设置的 10 分（JIFEN_ISSUED_PER_USED_ALERT）：积分发得多、用得少，请看看兑换的门槛。"
    )
    assert ratio_text(Flows(issued=1000, used=100), 10) == "每用掉 1 分，发放了 10.0 分。"
    assert ratio_text(Flows(issued=1000, used=1), 0) == "每用掉 1 分，发放了 1000.0 分。"
    assert ratio_text(Flows(issued=1000), 10) == "这段日子没有用掉积分，算不出发放与使用之比。"
