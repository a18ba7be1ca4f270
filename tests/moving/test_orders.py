"""O13: orders from a file earn by the rules of their day, and count once with the till's."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from loyalty.audit import audit
from loyalty.earning.commands import RecordEvent, event_request_key
from moving.orders import ORDERS
from moving.problems import BadValue
from moving.values import fen, moment
from tests.ledger import KEYS, Ledger, rules_with
from tests.moving.tables import imported, written
from tests.moving.test_export import exported, read

RULES = rules_with(
    welcome={"points": 0},
    stores=[{"id": "s01", "name": "幸福路店"}],
    events=[{"id": "purchase", "name": "消费", "amount": "required", "order": "required"}],
    earning=[{"id": "spend", "name": "消费返积分", "on": "purchase", "award": {"points": 1, "per_fen": 100}}],
)
HEADER = "会员号,订单号,实付金额,时间,门店"


async def test_an_order_counts_once_with_the_tills(ledger: Ledger, tmp_path: Path) -> None:
    await ledger.publish(RULES)
    ledger.clock.advance(3600)
    member_id = await ledger.member(**{"external:crm": "C1"})
    till = RecordEvent(
        member_id=member_id, request_key=event_request_key("till", "1"), at=ledger.clock.now(), actor="partner",
        source="till", event="1", kind="purchase", amount_fen=5000, order="T-1", store="s01",
    )  # fmt: skip
    assert (await ledger.engine.run(till)).outcome.code == "event_recorded"
    file = written(
        tmp_path / "o.csv", HEADER, "C1,T-1,50,2026-03-02 10:30,s01", "C1,T-2,128.50,2026-03-02 10:59:59,s01",
        "C2,T-3,9.99,2026-03-02 10:30,",
    )  # fmt: skip
    report = await imported(ledger, ORDERS, file)
    assert (report.done, report.already, report.created, report.first_bad) == (2, 1, 1, [])
    again = await imported(ledger, ORDERS, file)
    assert (again.done, again.already) == (0, 3)
    assert await ledger.balance(member_id) == 50 + 128
    assert await ledger.pool.fetchval("SELECT sum(available) FROM account") == 178 + 9
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []
    assert await exported(ledger, "orders", tmp_path / "out.csv") == 3
    assert read(tmp_path / "out.csv")[2][1:8] == [
        "T-2",
        "128.50",
        "2026-03-02 10:59:59",
        "s01",
        "",
        "purchase",
        "128",
    ]


async def test_orders_that_the_rules_refuse(ledger: Ledger, tmp_path: Path) -> None:
    """Each is named before anything is written."""
    await ledger.publish(RULES)
    ledger.clock.advance(500 * 86_400)
    day = (ledger.clock.now() + timedelta(hours=8)).date()
    file = written(
        tmp_path / "o.csv", f"{HEADER},事件", f"C1,1,5,{day},s09,", f"C1,2,5,{day},,booking", "C1,3,5,2026-03-03,,",
        f"C1,4,5.123,{day},,", "C1,5,5,2030-01-01,,", f"C1,6,,{day},,", f"C1,7,5,{day} 25:00,,",
        f"C1,8,5,{day},s01,", f"C2,8,5,{day},s01,",
    )  # fmt: skip
    report = await imported(ledger, ORDERS, file, apply=False)
    assert [reason for _, reason in report.first_bad] == [
        "规则里没有编号为「s09」的门店", "规则里没有「booking」这种事件，请核对上报的种类", "只能上报最近 400 天内的事件",
        "实付金额 『5.123』 不是金额，请写成 128.50 这样，单位是元，最多两位小数", "时间 2030-01-01 还没有到", "没有写实付金额",
        f"时间 『{day} 25:00』：没有这个时刻",
    ]  # fmt: skip
    assert await ledger.count("account") == 0
    booked = await imported(ledger, ORDERS, file)
    assert (booked.done, booked.first_bad[-1][1]) == (1, "订单 8 已经记在另一位会员名下。")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("128.5", 12850),
        ("1,280", 128000),
        ("¥9.90", 990),
        ("3元", 300),
        (0.1, 10),
        (19.99, 1999),
        (5, 500),
        ("0", 0),
    ],
)
def test_amounts(cell: str | float, expected: int) -> None:
    assert fen(cell, "金额") == expected


@pytest.mark.parametrize("cell", ["-5", "1.005", "1e5", "五", True, "99999999999", float("nan")])
def test_what_is_no_amount(cell: str | float) -> None:
    with pytest.raises(BadValue):
        fen(cell, "金额")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026-11-28", "2026-11-28T00:00:00"),
        ("2026/1/2 8:05", "2026-01-02T08:05:00"),
        ("2026-11-28T18:30:05.123", "2026-11-28T18:30:05"),
        (datetime.fromisoformat("2026-01-02T03:00"), "2026-01-02T03:00:00"),
    ],
)
def test_moments(cell: str | datetime, expected: str) -> None:
    assert moment(cell, "时间").isoformat() == expected
