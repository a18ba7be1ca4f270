"""Missions against the database: progress by actions, a reward once per period, bonuses for periods in a row."""

import asyncio
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.earning.commands import RecordEvent, RecordRefund
from loyalty.engine.outcomes import Decision
from loyalty.games.commands import Draw
from loyalty.games.views import wheel_view
from loyalty.merging.run import merge
from loyalty.missions.outcomes import MissionDone, MissionsAdvanced
from loyalty.missions.views import missions
from loyalty.rewards.commands import Redeem
from tests.ledger import DAY_S, KEYS, Ledger, rules_with

TWO_OF_THREE: dict[str, Any] = {
    "id": "newcomer", "name": "新手任务", "need": 2, "reward": {"points": 50},
    "steps": [{"check_in": 3}, {"draw": 2}, {"redeem": 1}],
}  # fmt: skip
DAILY: dict[str, Any] = {
    "id": "daily", "name": "每日一签", "period": "day", "reward": {"points": 1}, "steps": [{"check_in": 1}],
    "in_a_row": {"periods": 3, "bonus": 100},
}  # fmt: skip
WEEKLY: dict[str, Any] = {
    "id": "weekly", "name": "每周抽奖", "period": "week", "reward": {"points": 5}, "steps": [{"draw": 2}],
}  # fmt: skip
RICH = {"points": 10_000}


async def clean(ledger: Ledger) -> None:
    report = await audit(ledger.pool, ledger.clock.now(), KEYS)
    assert not report.violations


def done(decision: Decision) -> list[tuple[str, str, int, int]]:
    """What a command's consequences finished: mission, period, points, place in the row."""
    return [
        (one.mission, one.period, one.points, one.in_a_row)
        for outcome in decision.consequences
        if isinstance(outcome, MissionsAdvanced)
        for one in outcome.done
    ]


async def begin(ledger: Ledger, *given: dict[str, Any], **parts: Any) -> int:
    await ledger.publish(rules_with(missions=given, welcome=RICH, **parts))
    return await ledger.member()


async def test_two_of_three_steps_finish_a_mission_once(ledger: Ledger) -> None:
    """E11: a task made of 2 of its actions completes only when both are done, once per period."""
    member = await begin(ledger, TWO_OF_THREE)
    assert done(await ledger.run(Draw, member, wheel="lucky", count=3)) == []
    assert done(await ledger.run(CheckIn, member)) == []
    redeemed = await ledger.run(Redeem, member, reward="cookie")
    assert done(redeemed) == [("newcomer", "", 50, 1)]
    for _ in range(3):
        ledger.clock.advance(DAY_S)
        assert done(await ledger.run(CheckIn, member)) == []
    assert await ledger.count("entry", reason="mission") == 1
    await clean(ledger)


async def test_the_caller_hears_what_was_finished_and_a_repeat_hears_it_again(ledger: Ledger) -> None:
    member = await begin(ledger, DAILY)
    first = await ledger.run(CheckIn, member, key="k")
    one = MissionDone("daily", "每日一签", "2026-03-02", 1, 0, 1)
    assert first.consequences == (MissionsAdvanced("check_in", 1, (one,), await ledger.balance(member)),)
    again = await ledger.run(CheckIn, member, key="k")
    assert (again.replayed, again.consequences) == (True, first.consequences)
    assert await ledger.count("mission_done") == 1


async def test_every_third_day_in_a_row_brings_a_bonus_and_a_gap_starts_again(ledger: Ledger) -> None:
    """E12: finishing N periods in a row grants the bonus."""
    member, told = await begin(ledger, DAILY), []
    for signs in "xxxxxx-xxx":
        if signs == "x":
            told += [(points, place) for *_, points, place in done(await ledger.run(CheckIn, member))]
        ledger.clock.advance(DAY_S)
    assert told == [(1, 1), (1, 2), (101, 3), (1, 4), (1, 5), (101, 6), (1, 1), (1, 2), (101, 3)]
    await clean(ledger)


async def test_a_week_begins_on_monday(ledger: Ledger) -> None:
    member = await begin(ledger, WEEKLY)
    ledger.clock.advance(6 * DAY_S)
    assert done(await ledger.run(Draw, member, wheel="lucky")) == []
    ledger.clock.advance(DAY_S)
    assert done(await ledger.run(Draw, member, wheel="lucky")) == []
    assert done(await ledger.run(Draw, member, wheel="lucky")) == [("weekly", "2026-W11", 5, 1)]
    await clean(ledger)


@pytest.mark.parametrize(
    ("window", "after_s", "counts"),
    [
        ({"from": "2026-03-02T10:00"}, 0, True),
        ({"from": "2026-03-02T10:01"}, 59, False),
        ({"from": "2026-03-02T10:01"}, 60, True),
        ({"until": "2026-03-02T10:01"}, 59, True),
        ({"until": "2026-03-02T10:01"}, 60, False),
    ],
)
async def test_the_window_is_half_open(
    ledger: Ledger, window: dict[str, str], after_s: int, counts: bool
) -> None:
    member = await begin(ledger, DAILY | window)
    ledger.clock.advance(after_s)
    assert bool(done(await ledger.run(CheckIn, member))) is counts


async def test_sixty_four_requests_at_once_finish_a_mission_once(ledger: Ledger) -> None:
    member = await begin(ledger, WEEKLY)
    at = ledger.clock.now()
    async with ledger.rival() as rival:
        await asyncio.gather(
            *(
                engine.run(Draw(member_id=member, request_key=f"d{key}", at=at, wheel="lucky"))
                for key in range(20)
                for engine in (ledger.engine, rival)
            )
        )
        await asyncio.gather(ledger.engine.settle(), rival.settle())
    assert await ledger.count("mission_done") == 1
    assert await ledger.count("entry", reason="mission") == 1
    await clean(ledger)


async def test_a_programme_without_missions_writes_nothing_for_them(ledger: Ledger) -> None:
    member = await begin(ledger, WEEKLY)
    await ledger.run(CheckIn, member)
    assert await ledger.count("receipt", command="advance_missions") == 0
    assert await ledger.count("follow_up", command="advance_missions") == 0


async def test_two_halves_of_a_person_finish_a_mission_once(ledger: Ledger) -> None:
    one, other = await begin(ledger, TWO_OF_THREE | {"need": 1}), await ledger.member()
    assert done(await ledger.run(Redeem, one, reward="cookie"))
    await merge(ledger.engine, (one, other), actor="operator", reason="one person")
    await ledger.engine.settle()
    left = max(one, other) if await ledger.count("account", member_id=one, status="merged") else one
    assert done(await ledger.run(Draw, left, wheel="lucky", count=3)) == []
    assert await ledger.count("entry", reason="mission") == 1
    await clean(ledger)


LIMITED: dict[str, Any] = {
    "id": "gold", "name": "金卡任务", "tiers": ["gold"], "period": "day", "reward": {"points": 5},
    "steps": [{"event": "purchase"}],
}  # fmt: skip
TIERS = [
    {"id": "basic", "name": "普通会员", "growth": 0},
    {"id": "gold", "name": "金卡会员", "growth": 10_030},
]


@pytest.mark.parametrize("review", [{}, {"tier_review": {"by": "year"}}])
async def test_a_mission_for_some_tiers_counts_what_they_do(ledger: Ledger, review: dict[str, Any]) -> None:
    """T07: what a member of another tier does counts for nothing, and they see which tier is needed."""
    member = await begin(ledger, LIMITED, events=EVENTS, tiers=TIERS, **review)
    assert done(await buy(ledger, member, "1")) == []
    assert await ledger.count("meter", member_id=member, name="mission:gold:event:purchase") == 0
    assert await reasons(ledger, member) == ["需要金卡会员"]
    for _ in range(3):
        await ledger.run(CheckIn, member)
        ledger.clock.advance(DAY_S)
    assert await reasons(ledger, member) == [None]
    assert done(await buy(ledger, member, "2")) == [("gold", "2026-03-05", 5, 1)]
    await clean(ledger)


async def reasons(ledger: Ledger, member: int) -> list[str | None]:
    """Why each mission of the list does not count what the member does."""
    return [
        one.reason for one in await missions(ledger.pool, member, await ledger.live(), ledger.clock.now())
    ]


async def test_progress_is_undone_also_in_another_tier(ledger: Ledger) -> None:
    member = await begin(ledger, LIMITED | {"tiers": ["basic"], "steps": [{"event": "purchase", "times": 2}]},
                         events=EVENTS, tiers=TIERS)  # fmt: skip
    await buy(ledger, member, "1")
    for _ in range(3):
        await ledger.run(CheckIn, member)
        ledger.clock.advance(DAY_S)
    assert await reasons(ledger, member) == ["需要普通会员"]
    await refund(ledger, member, "1", 900)
    progress = await ledger.pool.fetchval(
        "SELECT value FROM meter WHERE name = 'mission:gold:event:purchase'"
    )
    assert progress == 0
    await clean(ledger)


TAMPERED = [
    "UPDATE mission_done SET points = points + 1",
    "UPDATE mission_done SET bonus = bonus + 1, points = points + 1",
    "UPDATE mission_done SET in_a_row = 7",
    "DELETE FROM mission_done",
    "UPDATE meter SET value = value + 1 WHERE name LIKE 'mission:%'",
    "UPDATE mission_done SET receipt_no = 1",
]


@pytest.mark.parametrize("statement", TAMPERED)
async def test_the_audit_names_what_was_tampered_with(ledger: Ledger, statement: str) -> None:
    member = await begin(ledger, DAILY)
    await ledger.run(CheckIn, member)
    await ledger.pool.execute(statement)
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


SHOP: dict[str, Any] = {
    "id": "shop", "name": "每月两单", "period": "month", "reward": {"points": 30, "ticket": "lucky"},
    "steps": [{"event": "purchase", "times": 2}, {"event": "review"}], "need": 1,
}  # fmt: skip
EVENTS = [
    {"id": "purchase", "name": "消费", "amount": "required", "order": "required"},
    {"id": "review", "name": "评价"},
]


async def buy(ledger: Ledger, member: int, order: str, **fields: Any) -> Decision:
    given = {"source": "till", "event": f"e-{order}", "kind": "purchase", "order": order, "amount_fen": 900}
    return await ledger.run(RecordEvent, member, key=f"event:till|e-{order}", **(given | fields))


async def refund(ledger: Ledger, member: int, order: str, fen: int) -> Decision:
    event = f"back-{order}-{fen}"
    given = {"source": "till", "event": event, "refund_of": order, "amount_fen": fen}
    return await ledger.run(RecordRefund, member, key=f"event:till|{event}", **given)


async def test_events_count_and_each_once(ledger: Ledger) -> None:
    member = await begin(ledger, SHOP, events=EVENTS)
    for _ in range(2):
        assert done(await buy(ledger, member, "1")) == []
    assert done(await buy(ledger, member, "2")) == [("shop", "2026-03", 30, 1)]
    review = {"source": "app", "event": "r", "kind": "review"}
    assert done(await ledger.run(RecordEvent, member, key="event:app|r", **review)) == []
    await clean(ledger)


async def test_an_order_paid_back_counts_no_more_but_what_was_won_stays(ledger: Ledger) -> None:
    member = await begin(ledger, SHOP, events=EVENTS)
    await buy(ledger, member, "1")
    await refund(ledger, member, "1", 400)
    await refund(ledger, member, "1", 500)
    await refund(ledger, member, "3", 900)
    assert done(await buy(ledger, member, "2")) == []
    assert done(await buy(ledger, member, "3")) == []
    assert done(await buy(ledger, member, "4")) == [("shop", "2026-03", 30, 1)]
    await refund(ledger, member, "4", 900)
    assert await ledger.count("entry", reason="mission") == 1
    await clean(ledger)


async def test_a_late_report_counts_for_the_period_of_the_order(ledger: Ledger) -> None:
    member = await begin(ledger, SHOP | {"period": "day"}, events=EVENTS)
    yesterday = ledger.clock.now()
    ledger.clock.advance(DAY_S)
    await buy(ledger, member, "1")
    for order in ("2", "3"):
        late = RecordEvent(
            member_id=member, request_key=f"event:till|l-{order}", at=yesterday, source="till",
            event=f"l-{order}", kind="purchase", order=order, amount_fen=100,
        )  # fmt: skip
        last = await ledger.engine.run(late)
    assert done(last) == [("shop", "2026-03-02", 30, 1)]
    await clean(ledger)


async def test_a_ticket_comes_from_a_mission_and_pays_for_one_draw(ledger: Ledger) -> None:
    """G12: a ticket only after the task is done, and single use; also with two draws at once."""
    once = {"id": "card", "name": "签到送抽奖", "reward": {"ticket": "lucky"}, "steps": [{"check_in": 1}]}
    member = await begin(ledger, once)
    live = await ledger.live()
    lucky = live.rules.wheels[0]
    first = (await ledger.run(Draw, member, wheel="lucky")).outcome
    assert (first.cost_points, first.tickets) == (20, 0)  # type: ignore[attr-defined]  # it was drawn
    await ledger.run(CheckIn, member)
    assert (await wheel_view(ledger.pool, member, lucky, live, ledger.clock.now())).free_left == 1
    async with ledger.rival() as rival:
        answers = await asyncio.gather(
            *(
                engine.run(Draw(member_id=member, request_key=f"k{place}", at=ledger.clock.now(), wheel="lucky", count=2))
                for place, engine in enumerate((ledger.engine, rival))
            )
        )  # fmt: skip
    told = [(one.outcome.cost_points, one.outcome.tickets) for one in answers]  # type: ignore[attr-defined]  # both were drawn
    assert sorted(told) == [(20, 1), (40, 0)]
    assert (await wheel_view(ledger.pool, member, lucky, live, ledger.clock.now())).free_left == 0
    await clean(ledger)
    await ledger.pool.execute("UPDATE meter SET value = value + 1 WHERE name = 'tickets:lucky'")
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations


async def test_the_first_paid_order_and_the_first_review_pay_once_ever(ledger: Ledger) -> None:
    """E15: each of them once, and an order that was paid back is no first one."""
    first = {"period": "once", "need": 1, "reward": {"points": 30}}
    firsts = [
        first | {"id": "order", "name": "首购", "steps": [{"event": "purchase"}]},
        first | {"id": "review", "name": "首评", "steps": [{"event": "review"}]},
    ]
    member = await begin(ledger, *firsts, events=EVENTS)
    await refund(ledger, member, "0", 900)
    assert done(await buy(ledger, member, "0")) == []
    assert done(await buy(ledger, member, "1")) == [("order", "", 30, 1)]
    for number in range(2):
        report = {"source": "app", "event": f"r{number}", "kind": "review"}
        told = done(await ledger.run(RecordEvent, member, key=f"event:app|r{number}", **report))
        assert told == ([("review", "", 30, 1)] if number == 0 else [])
    ledger.clock.advance(400 * DAY_S)
    assert done(await buy(ledger, member, "2")) == []
    assert await ledger.count("entry", reason="mission") == 2
    await clean(ledger)
