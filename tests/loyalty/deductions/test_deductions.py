"""Paying with points: set aside for an order, then captured in whole or in part, or released, once and before the deadline."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from loyalty.audit import audit
from loyalty.checkin.commands import CheckIn
from loyalty.deductions.commands import TILL, CaptureHold, HoldPoints, ReleaseHold
from loyalty.deductions.outcomes import (
    CaptureTooLarge,
    DeductionsOff,
    HoldCaptured,
    HoldClosed,
    HoldReleased,
    HoldTimedOut,
    OrderHasHold,
    OrderTooSmall,
    PointsHeld,
    TooFewPoints,
    TooManyPoints,
    UnknownHold,
)
from loyalty.deductions.rule import DeductionRule
from loyalty.engine.command import Command
from loyalty.engine.outcomes import Decision, Outcome
from loyalty.engine.refusals import AccountClosed, NotEnoughPoints, NothingDue
from loyalty.ledger.calendar import day_start
from loyalty.merging.outcomes import MergedOut, NotMergeable
from loyalty.merging.run import merge
from tests.ledger import DAY_S, KEYS, ZONE, Ledger, rules_with

RULE = {"points_per_yuan": 100, "most_percent": 50, "hold_minutes": 15}
QUARTER_S = 15 * 60


async def with_points(ledger: Ledger, points: int = 300, **rule: Any) -> int:
    """A member with so many points, under a rule of a hundred points a yuan."""
    await ledger.publish(rules_with(welcome={"points": points}, deductions=RULE | rule))
    return await ledger.member()


async def hold(ledger: Ledger, member: int, points: int = 200, order: str = "a1", **fields: Any) -> Outcome:
    given: dict[str, Any] = {"store": "sh-01", "amount_fen": 1000} | fields
    return (await ledger.run(HoldPoints, member, order=order, points=points, **given)).outcome


async def held(ledger: Ledger, member: int, points: int = 200, order: str = "a1") -> int:
    outcome = await hold(ledger, member, points, order)
    assert isinstance(outcome, PointsHeld), outcome
    return outcome.hold


async def buckets(ledger: Ledger, member: int) -> tuple[int, int, int, int]:
    """Available, held, spent, expired."""
    row = await ledger.pool.fetchrow(
        "SELECT available, held, spent, expired FROM account WHERE member_id = $1", member
    )
    return tuple(row)


async def lots(ledger: Ledger, member: int) -> list[tuple[int, int, int, int]]:
    """Remaining, held, spent and expired points of each lot."""
    rows = await ledger.pool.fetch(
        "SELECT remaining, held, spent, expired FROM lot WHERE member_id = $1 ORDER BY expires_on", member
    )
    return [tuple(row) for row in rows]


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_points_are_held_then_spent(ledger: Ledger) -> None:
    member = await with_points(ledger)
    outcome = await hold(ledger, member)
    deadline = ledger.clock.now() + timedelta(minutes=15)
    assert outcome == PointsHeld(2, "a1", "sh-01", 200, 200, deadline, balance=100)
    assert await buckets(ledger, member) == (100, 200, 0, 0)
    captured = (await ledger.run(CaptureHold, member, hold=2)).outcome
    assert captured == HoldCaptured(2, "a1", "sh-01", 200, 200, released=0, lapsed=0, balance=100)
    assert await buckets(ledger, member) == (100, 0, 200, 0)
    row = await ledger.pool.fetchrow(
        "SELECT r.actor, r.rule_version, e.reason, e.src, e.dst, e.amount FROM entry e"
        " JOIN receipt r ON r.member_id = e.member_id AND r.no = e.receipt_no WHERE e.member_id = $1 AND r.no = 3",
        member,
    )
    assert tuple(row) == (TILL, 2, "deduction_captured", "held", "spent", 200)
    await clean(ledger)


async def test_a_part_is_captured_and_the_same_lots_get_the_rest(ledger: Ledger) -> None:
    member = await with_points(ledger)
    ledger.clock.advance(40 * DAY_S)
    await ledger.run(CheckIn, member)
    await held(ledger, member, 305)
    assert await lots(ledger, member) == [(0, 300, 0, 0), (5, 5, 0, 0)]
    captured = (await ledger.run(CaptureHold, member, hold=3, points=120)).outcome
    assert captured == HoldCaptured(3, "a1", "sh-01", 120, 120, released=185, lapsed=0, balance=190)
    assert await lots(ledger, member) == [(180, 0, 120, 0), (10, 0, 0, 0)]
    await clean(ledger)


@pytest.mark.parametrize(("points", "balance", "lapsed"), [(None, 0, 0), (50, 0, 150)])
async def test_what_has_lapsed_meanwhile_can_be_captured_and_lapses_when_it_returns(
    ledger: Ledger, points: int | None, balance: int, lapsed: int
) -> None:
    member = await with_points(ledger, 200, hold_minutes=5)
    live = await ledger.live()
    last_moment = day_start(live.lapse_day(live.day(ledger.clock.now())), ZONE) - timedelta(minutes=1)
    ledger.clock.advance((last_moment - ledger.clock.now()).total_seconds())
    number = await held(ledger, member)
    ledger.clock.advance(120)
    outcome: Any = (await ledger.run(CaptureHold, member, hold=number, points=points)).outcome
    assert (outcome.captured, outcome.lapsed, outcome.balance) == (points or 200, lapsed, balance)
    assert await lots(ledger, member) == [(0, 0, points or 200, lapsed)]
    await clean(ledger)


async def test_released_points_are_where_they_were(ledger: Ledger) -> None:
    member = await with_points(ledger)
    before = await lots(ledger, member)
    number = await held(ledger, member)
    released = (await ledger.run(ReleaseHold, member, hold=number)).outcome
    assert released == HoldReleased(number, "a1", "sh-01", 200, "cancelled", lapsed=0, balance=300)
    assert await lots(ledger, member) == before
    assert await buckets(ledger, member) == (300, 0, 0, 0)
    await clean(ledger)


@pytest.mark.parametrize(
    ("after_s", "capture", "lapse"),
    [
        (QUARTER_S - 0.001, "hold_captured", "nothing_due"),
        (QUARTER_S, "hold_timed_out", "hold_released"),
        (QUARTER_S + 3 * DAY_S, "hold_timed_out", "hold_released"),
    ],
)
async def test_at_the_deadline_the_points_are_the_members_again(
    ledger: Ledger, after_s: float, capture: str, lapse: str
) -> None:
    member = await with_points(ledger)
    number = await held(ledger, member)
    ledger.clock.advance(after_s)
    lapsing = (await ledger.run(ReleaseHold, member, hold=number, why="lapsed", actor="system")).outcome
    assert lapsing.code == lapse
    if lapse == "nothing_due":
        assert isinstance(lapsing, NothingDue)
        assert (await ledger.run(CaptureHold, member, hold=number)).outcome.code == capture
    else:
        other = await held(ledger, member, 100, "a2")
        ledger.clock.advance(QUARTER_S)
        before = await ledger.traces(member)
        refused = (await ledger.run(CaptureHold, member, hold=other)).outcome
        assert refused == HoldTimedOut(ledger.clock.now())
        assert await ledger.traces(member) == before
    await clean(ledger)


ENDS: list[tuple[type[Command], dict[str, Any], str]] = [
    (CaptureHold, {}, "captured"),
    (ReleaseHold, {}, "cancelled"),
]


@pytest.mark.parametrize(("first", "fields", "state"), ENDS)
@pytest.mark.parametrize("second", [CaptureHold, ReleaseHold])
async def test_a_hold_is_closed_once(
    ledger: Ledger, first: type[Command], fields: dict[str, Any], state: str, second: type[Command]
) -> None:
    member = await with_points(ledger)
    number = await held(ledger, member)
    closed = await ledger.run(first, member, "partner:1", hold=number, **fields)
    at, before = ledger.clock.now(), await ledger.traces(member)
    ledger.clock.advance(60)
    again = (await ledger.run(second, member, hold=number)).outcome
    assert again == HoldClosed(state, 200 if state == "captured" else 0, at)
    assert await ledger.run(first, member, "partner:1", hold=number, **fields) == Decision(
        closed.outcome, replayed=True
    )
    assert await ledger.traces(member) == before
    await clean(ledger)


async def test_what_cannot_be_held_says_why_and_moves_nothing(ledger: Ledger) -> None:
    await ledger.publish(rules_with(deductions=None))
    member = await ledger.member()
    assert await hold(ledger, member) == DeductionsOff()
    await ledger.publish(rules_with(welcome={"points": 300}, deductions=RULE | {"smallest_fen": 500}))
    number = await held(ledger, member, 60)
    before = await ledger.traces(member)
    refusals = [
        (await hold(ledger, member, 60, "a2", amount_fen=499), OrderTooSmall(500)),
        (await hold(ledger, member, 60, "a1"), OrderHasHold(number, "open")),
        (await hold(ledger, member, 251, "a2", amount_fen=500), TooManyPoints(250, 250)),
        ((await ledger.run(CaptureHold, member, hold=number, points=61)).outcome, CaptureTooLarge(60)),
        ((await ledger.run(CaptureHold, member, hold=99)).outcome, UnknownHold(99)),
        ((await ledger.run(ReleaseHold, member, hold=99)).outcome, UnknownHold(99)),
    ]
    assert [told for told, _ in refusals] == [wanted for _, wanted in refusals]
    assert await ledger.traces(member) == before
    assert await hold(ledger, member, 100, "a2") == NotEnoughPoints(needed=100, available=40)
    await ledger.run(ReleaseHold, member, hold=number)
    assert await hold(ledger, member, 60, "a1") == OrderHasHold(number, "cancelled")
    assert isinstance(await hold(ledger, member, 60, "a1", store="sh-02"), PointsHeld)


async def test_points_worth_less_than_a_fen_are_not_taken(ledger: Ledger) -> None:
    member = await with_points(ledger, points_per_yuan=250)
    assert await hold(ledger, member, 2) == TooFewPoints(3)
    assert isinstance(await hold(ledger, member, 3), PointsHeld)


MOST: list[tuple[dict[str, Any], int, int, int]] = [
    ({}, 1000, 500, 500),
    ({}, 1001, 500, 500),
    ({}, 1, 0, 0),
    ({"most_percent": 100}, 1, 1, 1),
    ({"most_points": 300}, 1000, 300, 300),
    ({"smallest_fen": 1001}, 1000, 0, 0),
    ({"points_per_yuan": 7}, 1000, 35, 500),
    ({"points_per_yuan": 7, "most_points": 3}, 1000, 3, 42),
    ({"points_per_yuan": 250}, 1000, 1250, 500),
    ({"points_per_yuan": 250, "most_points": 252}, 1000, 250, 100),
]


@pytest.mark.parametrize(("rule", "amount_fen", "points", "fen"), MOST)
def test_the_most_that_an_order_takes(rule: dict[str, Any], amount_fen: int, points: int, fen: int) -> None:
    """By the share of the amount and by the points an order; never a point that pays nothing."""
    read = DeductionRule(**(RULE | rule))
    assert (read.most_for(amount_fen), read.fen_of(points)) == (points, fen)


async def test_a_frozen_account_gives_back_and_takes_nothing(ledger: Ledger) -> None:
    member = await with_points(ledger)
    one, other = await held(ledger, member, 100), await held(ledger, member, 100, "a2")
    await ledger.pool.execute("UPDATE account SET status = 'frozen' WHERE member_id = $1", member)
    assert await hold(ledger, member, 50, "a3") == AccountClosed("frozen")
    assert (await ledger.run(CaptureHold, member, hold=one)).outcome == AccountClosed("frozen")
    assert isinstance((await ledger.run(ReleaseHold, member, hold=one)).outcome, HoldReleased)
    ledger.clock.advance(QUARTER_S)
    lapsed = (await ledger.run(ReleaseHold, member, hold=other, why="lapsed", actor="system")).outcome
    assert isinstance(lapsed, HoldReleased)
    assert await buckets(ledger, member) == (300, 0, 0, 0)


async def test_of_two_tills_at_once_one_holds_and_one_captures(ledger: Ledger) -> None:
    member = await with_points(ledger)
    common: dict[str, Any] = {"member_id": member, "at": ledger.clock.now()}
    order: dict[str, Any] = {"order": "a1", "store": "sh-01", "amount_fen": 1000, "points": 150}
    async with ledger.rival() as rival:
        engines = [ledger.engine, rival] * 8
        holds = [HoldPoints(**common, **order, request_key=f"partner:h{n}") for n in range(16)]
        told = await asyncio.gather(*(engine.run(one) for engine, one in zip(engines, holds, strict=True)))
        [made] = [one.outcome for one in told if isinstance(one.outcome, PointsHeld)]
        assert sum(one.outcome == OrderHasHold(made.hold, "open") for one in told) == 15
        ends: list[Command] = [
            kind(**common, request_key=f"partner:c{n}", hold=made.hold)
            for n, kind in enumerate([CaptureHold, ReleaseHold] * 8)
        ]
        told = await asyncio.gather(*(engine.run(one) for engine, one in zip(engines, ends, strict=True)))
    won = [one.outcome for one in told if isinstance(one.outcome, HoldCaptured | HoldReleased)]
    assert (len(won), sum(isinstance(one.outcome, HoldClosed) for one in told)) == (1, 15)
    assert await ledger.balance(member) == (150 if isinstance(won[0], HoldCaptured) else 300)
    await clean(ledger)


async def test_of_many_members_at_once_one_pays_an_order(ledger: Ledger) -> None:
    """Another may once it was cancelled, as after a wrong card, and nobody once it was captured."""
    await with_points(ledger)
    members = [await ledger.member() for _ in range(12)]
    async with ledger.rival() as rival:
        commands = [
            HoldPoints(
                member_id=one,
                request_key="k",
                at=ledger.clock.now(),
                order="a1",
                store="sh-01",
                amount_fen=1000,
                points=60,
            )
            for one in members
        ]
        told = await asyncio.gather(
            *((rival if turn % 2 else ledger.engine).run(one) for turn, one in enumerate(commands))
        )
    [first] = [one for one, made in zip(members, told, strict=True) if isinstance(made.outcome, PointsHeld)]
    assert sum(isinstance(one.outcome, OrderHasHold) for one in told) == 11
    other = members[members[0] == first]
    assert await hold(ledger, other, 60) == OrderHasHold(2, "open")
    await ledger.run(ReleaseHold, first, hold=2)
    again = await asyncio.gather(*(hold(ledger, one, 60) for one in members if one != first))
    [made] = [one for one in again if isinstance(one, PointsHeld)]
    [second] = [
        one for one, told_ in zip([m for m in members if m != first], again, strict=True) if told_ is made
    ]
    await ledger.run(CaptureHold, second, hold=made.hold)
    last = next(one for one in members if one not in (first, second))
    assert await hold(ledger, last, 60) == OrderHasHold(made.hold, "captured")
    assert await hold(ledger, first, 60) == OrderHasHold(2, "cancelled")
    await clean(ledger)


async def test_held_points_are_spent_by_nothing_else(ledger: Ledger) -> None:
    member = await with_points(ledger)
    await held(ledger, member, 250)
    assert await hold(ledger, member, 51, "a2") == NotEnoughPoints(needed=51, available=50)


async def test_two_members_become_one_when_no_hold_is_open(ledger: Ledger) -> None:
    one, other = await with_points(ledger), await ledger.member()
    number = await held(ledger, other)
    refused = await merge(ledger.engine, (one, other), actor="test", reason="x")
    assert refused == NotMergeable("held")
    await ledger.run(ReleaseHold, other, hold=number)
    assert isinstance(await merge(ledger.engine, (one, other), actor="test", reason="x"), MergedOut)
    await ledger.engine.settle()
    assert await hold(ledger, one, 60) == OrderHasHold(number, "cancelled")
    assert isinstance(await hold(ledger, one, 60, "a2"), PointsHeld)
    await clean(ledger)


FORGED = [
    "UPDATE hold SET state = 'open', closed_at = NULL, captured = 0",
    "UPDATE hold SET captured = captured - 1",
    "UPDATE hold SET points = points + 1",
    "DELETE FROM hold",
    "DELETE FROM lot_use WHERE kind = 'released'",
    "UPDATE lot_use SET amount = amount + 1 WHERE kind = 'captured'",
]


@pytest.mark.parametrize("forged", FORGED)
async def test_the_audit_sees_a_hold_that_does_not_add_up(ledger: Ledger, forged: str) -> None:
    member = await with_points(ledger)
    number = await held(ledger, member)
    await ledger.run(CaptureHold, member, hold=number, points=150)
    assert not (await ledger.pool.execute(forged)).endswith(" 0")
    found = {one.invariant for one in (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations}
    assert {"I11", "I15"} <= found


async def test_the_audit_sees_a_hold_that_claims_no_order(ledger: Ledger) -> None:
    await held(ledger, await with_points(ledger))
    await ledger.pool.execute("UPDATE hold_key SET order_no = 'a9'")
    found = [one.invariant for one in (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations]
    assert found == ["directories", "directories"]
