"""Pending points across months: seven days for most, none for gold members; seen while they wait, opened by the job (E36, L05)."""

from datetime import date, timedelta
from typing import Any

from loyalty.audit import audit
from loyalty.earning.commands import RecordEvent
from tasks.expiry import expire_points, open_points, warn_expiring
from tests.bot.line import Line
from tests.house import House
from tests.ledger import KEYS, rules_with
from tests.miniapp_api.client import Mini
from tests.tasks.scenes import go_to

TIERS = [{"id": "basic", "name": "普通", "growth": 0}, {"id": "gold", "name": "金卡", "growth": 1000}]
RULES = rules_with(
    events=[{"id": "purchase", "name": "消费", "amount": "required", "order": "required"}],
    earning=[
        {
            "id": "spend",
            "name": "消费返积分",
            "on": "purchase",
            "award": {"points": 1, "per_fen": 100},
            "pending_days": {"default": 7, "gold": 0},
        }
    ],
    tiers=TIERS,
    welcome={"points": 0},
    expiry={"months": 2},
    notices={"quiet_hours": None},
)
FIRST = date(2026, 3, 4)


async def buy(house: House, member_id: int, order: str, yuan: int) -> Any:
    bought: dict[str, Any] = {"source": "till", "event": order, "kind": "purchase", "order": order}
    decision = await house.ledger.run(
        RecordEvent, member_id, f"till:{order}", amount_fen=yuan * 100, **bought
    )
    return decision.outcome


async def night(house: House, day: date) -> None:
    """The jobs of a day's morning."""
    now = await go_to(house, day)
    await open_points(house.resources, now)
    await expire_points(house.resources, now)
    await warn_expiring(house.resources, now)


async def booked(house: House, member_id: int) -> tuple[int, int]:
    row = await house.resources.pool.fetchrow(
        "SELECT available, pending FROM account WHERE member_id = $1", member_id
    )
    return int(row["available"]), int(row["pending"])


async def test_points_wait_open_and_lapse(house: House) -> None:
    await house.ledger.publish(RULES)
    await go_to(house, FIRST)
    (phone, rich), line = (await house.follower("小明"), await house.follower("小红")), Line(house)
    normal, gold = await house.member_of(phone), await house.member_of(rich)
    ming = Mini(house, normal, await house.session(phone))
    await buy(house, gold, "G0", 1000)
    bought = await buy(house, normal, "N1", 80)
    assert (bought.points, bought.pending, bought.balance) == (80, 80, 0)
    said = await line.say(phone, "积分")
    assert said.startswith("当前积分 0。\n另有 80 分待到账：2026年3月11日起可用。")
    me = (await ming.get("/me")).json
    assert (me["balance"], me["pending"]) == (0, 80)
    assert me["opening"] == [{"points": 80, "opens_on": "2026-03-11"}]
    await night(house, FIRST + timedelta(days=6))
    assert await booked(house, normal) == (0, 80)
    refused = await line.say(phone, "兑换 1")
    assert "积分不够" in refused
    await night(house, FIRST + timedelta(days=7))
    assert await booked(house, normal) == (80, 0)  # the job opened them: nobody came
    assert (await line.say(phone, "余额")).startswith("当前积分 80。\n")
    at_once = await buy(house, gold, "G1", 50)
    assert (at_once.points, at_once.pending) == (50, 0)
    await night(house, date(2026, 5, 31))
    assert await booked(house, normal) == (80, 0)
    await night(house, date(2026, 6, 1))
    assert await booked(house, normal) == (0, 0)
    assert await booked(house, gold) == (0, 0)
    violations = (await audit(house.resources.pool, house.clock.now(), KEYS)).violations
    assert {one.invariant for one in violations} <= {"I21"}  # nobody delivered the warnings
