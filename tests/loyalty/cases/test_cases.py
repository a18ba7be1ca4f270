"""K03: a member who spends far more than usual spends nothing more until an operator has decided; once, and audited."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from loyalty.adjustments.commands import OPERATOR, AdjustPoints
from loyalty.appeals.commands import AnswerAppeal
from loyalty.appeals.outcomes import AppealAnswered
from loyalty.appeals.views import list_appeals, open_appeal
from loyalty.audit import audit
from loyalty.cases.outcomes import CaseDecided, CaseOpened, NoOpenCase
from loyalty.cases.rule import RiskRule
from loyalty.cases.views import Case, case_of, list_cases, standing_with_case
from loyalty.checkin.commands import CheckIn
from loyalty.deductions.commands import CaptureHold, HoldPoints
from loyalty.deductions.outcomes import PointsHeld
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import AccountClosed, SpendingFrozen
from loyalty.games.commands import Draw
from loyalty.merging.outcomes import MergedOut, NotMergeable, SplitOff
from loyalty.rewards.commands import Redeem
from loyalty.rewards.outcomes import Redeemed
from operators.members.account import freeze, merge, release, unmerge
from operators.members.cases import decide_case, evidence_of, timeline_of
from operators.operation_log.pages import Filters, list_operations
from operators.reasons import BadText
from operators.roles import NotAllowed, Role
from tests.ledger import DAY_S, KEYS, Ledger, rules_with
from tests.operators.desks import desk_for, owner_desk

REWARDS = [
    {"id": f"of_{price}", "name": f"{price} 分礼品", "kind": "voucher", "price_points": price}
    for price in (10, 100)
]
PLENTY = 1_000_000


async def watched(ledger: Ledger, **risk: Any) -> int:
    """A member with plenty of points, whose spending is watched."""
    await ledger.publish(rules_with(rewards=REWARDS, risk=risk))
    member = await ledger.member()
    await ledger.run(
        AdjustPoints,
        member,
        points=PLENTY,
        reason="x",
        ticket="T",
        by="x",
        role="owner",
        origin="x",
        actor=OPERATOR,
    )
    return member


async def spend(ledger: Ledger, member: int, points: int, times: int = 1) -> list[Outcome]:
    """Redeem `points` in so many equal parts."""
    pieces = points // times // 10
    return [(await ledger.run(Redeem, member, reward="of_10", quantity=pieces)).outcome for _ in range(times)]


async def cases(ledger: Ledger) -> list[Case]:
    return await list_cases(ledger.pool)


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


WEEKS: list[tuple[str, Sequence[int], int]] = [
    ("a normal week", (50, 60, 0, 50, 70, 0, 50, 60), 0),
    ("ninefold", (50, 60, 0, 50, 70, 0, 50, 500), 0),
    ("tenfold", (50, 60, 0, 50, 70, 0, 50, 560), 1),
    ("tenfold, and everything after it is refused", (50, 50, 50, 500, 5000, 500), 1),
    ("a hundredfold of too little to know what is usual", (10, 10, 1000), 0),
    ("tenfold below what is compared", (10, 10, 10, 10, 190), 0),
]


@pytest.mark.parametrize(("name", "days", "expected"), WEEKS, ids=[name for name, *_ in WEEKS])
async def test_k03_tenfold_is_one_case_and_a_normal_week_is_none(
    ledger: Ledger, name: str, days: Sequence[int], expected: int
) -> None:
    member = await watched(ledger, times_usual=10, least_points=200)
    for points in days:
        if points:
            await spend(ledger, member, points, times=2 if points >= 500 else 1)
        ledger.clock.advance(DAY_S)
    opened = await cases(ledger)
    assert [(one.member_id, one.cause, one.state) for one in opened] == [(member, "usual", "open")] * expected
    assert await ledger.count("notice", kind="case_opened") == expected
    found = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    assert [one for one in found if one.invariant != "I21"] == [], (
        "nobody delivers notices here, and days go by"
    )


LIMITS: list[tuple[dict[str, int], Sequence[int], tuple[str, int, int]]] = [
    ({"hour_times": 3}, (10, 10, 10, 10), ("hour_times", 4, 3)),
    ({"hour_points": 50}, (30, 30), ("hour_points", 60, 50)),
    ({"day_times": 2}, (10, 10, 10), ("day_times", 3, 2)),
    ({"day_points": 99}, (100,), ("day_points", 100, 99)),
]


@pytest.mark.parametrize(("risk", "parts", "spike"), LIMITS)
async def test_k03_each_limit_opens_a_case_with_the_debit_that_passes_it(
    ledger: Ledger, risk: dict[str, int], parts: Sequence[int], spike: tuple[str, int, int]
) -> None:
    member = await watched(ledger, times_usual=None, **risk)
    for points in parts:
        assert await cases(ledger) == []
        (done,) = await spend(ledger, member, points)
        assert isinstance(done, Redeemed), "the debit that passes it is still made"
    (case,) = await cases(ledger)
    assert (case.cause, case.found, case.bound) == spike
    assert await spend(ledger, member, 10) == [SpendingFrozen()]
    await clean(ledger)


async def test_k03_debit_is_frozen_the_rest_goes_on_and_release_restores(ledger: Ledger) -> None:
    member, desk = (
        await watched(ledger, times_usual=None, day_points=1000),
        await desk_for(ledger, "小王", "operations"),
    )
    held = (
        await ledger.run(HoldPoints, member, order="A1", store="sh-01", amount_fen=10_000, points=100)
    ).outcome
    assert isinstance(held, PointsHeld)
    decision = await ledger.run(Redeem, member, key="api:burst", reward="of_100", quantity=10)
    assert [type(one) for one in decision.consequences] == [CaseOpened]
    before = await ledger.balance(member)
    for _ in range(2):
        refused = await ledger.run(Redeem, member, key="api:more", keep_refusal=True, reward="of_10")
        assert refused.outcome == SpendingFrozen()
    assert (await ledger.run(Draw, member, wheel="daily")).outcome != AccountClosed("limited")
    hold = (
        await ledger.run(HoldPoints, member, order="A2", store="sh-01", amount_fen=10_000, points=100)
    ).outcome
    assert hold == SpendingFrozen()
    assert (await ledger.run(CaptureHold, member, hold=held.hold)).outcome.code == "hold_captured"
    assert (await ledger.run(CheckIn, member)).outcome.code == "checked_in", "the row of days goes on"
    assert await ledger.balance(member) > before
    repeat = await ledger.run(Redeem, member, key="api:burst", reward="of_100", quantity=10)
    assert (repeat.replayed, repeat.outcome) == (True, decision.outcome)
    (case,) = await cases(ledger)
    for reason, said in ((" ", "请写明原因"), ("长" * 101, "最多 100 个字")):
        with pytest.raises(BadText, match=said):
            await decide_case(desk, member, case.number, reason, release=True)
    assert await decide_case(desk, member, case.number + 1, "不是这个", release=True) == NoOpenCase()
    done = await decide_case(desk, member, case.number, "是本人", release=True)
    assert done == CaseDecided(case.number, True, "是本人", "小王")
    assert await decide_case(desk, member, case.number, "再来一次", release=False) == NoOpenCase()
    assert isinstance((await spend(ledger, member, 500))[0], Redeemed), "counted anew after the release"
    (row,) = await list_operations(ledger.pool, Filters(member_id=member, action="decide_case"))
    assert (row.label, row.operator, row.reason) == ("审核案件", "小王", "是本人")
    settled = await case_of(ledger.pool, member, case.number)
    assert settled is not None
    assert (settled.state, settled.decided_by, settled.reason) == ("released", "小王", "是本人")
    assert [step.code for step in await timeline_of(ledger.pool, settled)] == ["case_opened", "case_decided"]
    newest = (await evidence_of(ledger.pool, settled))[0]
    assert (newest.delta, newest.source) == (-1000, "redeem"), (
        "the evidence ends with the debit that opened it"
    )
    await clean(ledger)
    assert isinstance((await spend(ledger, member, 600))[0], Redeemed)
    assert [one.state for one in await cases(ledger)] == ["open", "released"], (
        "a second burst is a second case"
    )
    await clean(ledger)


async def test_k03_kept_is_told_and_a_later_appeal_releases(ledger: Ledger) -> None:
    member, desk = await watched(ledger, times_usual=None, day_points=99), owner_desk(ledger)
    await spend(ledger, member, 100)
    (case,) = await cases(ledger)
    standing = await standing_with_case(ledger.pool, member)
    assert (standing.is_limited, standing.reason) == (
        True,
        "一天里花了 100 积分，超过了 99 积分，正在核对是不是本人",
    )
    await decide_case(desk, member, case.number, "请带身份证到店", release=False)
    assert (await standing_with_case(ledger.pool, member)).reason == "请带身份证到店"
    assert await spend(ledger, member, 10) == [SpendingFrozen()]
    await open_appeal(ledger.pool, member, "a1", "是我", ledger.clock.now())
    answered = await ledger.run(
        AnswerAppeal,
        member,
        appeal="a1",
        reason="核对过了",
        release=True,
        by="x",
        role="owner",
        origin="x",
        actor=OPERATOR,
    )
    assert answered.outcome == AppealAnswered("a1", "核对过了", True, "x")
    assert isinstance((await spend(ledger, member, 10))[0], Redeemed)
    (case,) = await cases(ledger)
    assert (case.state, case.reason) == ("kept", "请带身份证到店")
    await clean(ledger)


async def test_k03_a_case_that_a_killed_process_owed_is_opened_once(ledger: Ledger) -> None:
    member = await watched(ledger, times_usual=None, day_points=99)
    await spend(ledger, member, 100)
    for _ in range(2):
        await ledger.pool.execute("UPDATE follow_up SET done_at = NULL, due_at = $1", ledger.clock.now())
        await ledger.engine.run_due_follow_ups(ledger.clock.now(), 100)
    assert [one.state for one in await cases(ledger)] == ["open"]
    assert await ledger.count("receipt", code="case_opened") == 1
    assert await ledger.count("notice", kind="case_opened") == 1
    await clean(ledger)


@pytest.mark.parametrize("released", [True, False])
@pytest.mark.parametrize("by", ["case", "appeal", "thaw"])
async def test_k03_one_decision_closes_the_case_and_the_appeal(
    ledger: Ledger, by: str, *, released: bool
) -> None:
    member, desk = await watched(ledger, times_usual=None, day_points=99), owner_desk(ledger)
    await spend(ledger, member, 100)
    (case,) = await cases(ledger)
    await open_appeal(ledger.pool, member, "a1", "是我本人换的", ledger.clock.now())
    if by == "case":
        done = await decide_case(desk, member, case.number, "核对过", release=released)
        assert done == CaseDecided(case.number, released, "核对过", desk.operator.name, "a1")
    elif by == "appeal":
        await ledger.run(
            AnswerAppeal,
            member,
            appeal="a1",
            reason="核对过",
            release=released,
            by="x",
            role="owner",
            origin="x",
            actor=OPERATOR,
        )
    else:
        await release(desk, member, "核对过")
        released = True
    (case,) = await cases(ledger)
    assert (case.state, case.reason) == ("released" if released else "kept", "核对过")
    (appeal,) = await list_appeals(ledger.pool, member_id=member)
    assert (appeal.state, appeal.released) == (("open", None) if by == "thaw" else ("answered", released))
    told = await ledger.pool.fetchval(
        "SELECT count(*) FROM notice WHERE kind IN ('case_decided', 'appeal_answered')"
    )
    assert told == (0 if by == "thaw" else 1), "the member hears of one decision once"
    ends = [SpendingFrozen] if not released else [Redeemed]
    assert [type(one) for one in await spend(ledger, member, 10)] == ends
    await clean(ledger)


async def test_k03_once_when_many_spend_at_once_in_two_processes(ledger: Ledger) -> None:
    member = await watched(ledger, times_usual=None, day_times=5)
    async with ledger.rival() as other:
        engines = [ledger.engine, other] * 10
        asked = [
            Redeem(member_id=member, request_key=f"api:{n}", at=ledger.clock.now(), reward="of_10")
            for n in range(20)
        ]
        done = await asyncio.gather(*(engine.run(one) for engine, one in zip(engines, asked, strict=True)))
        await other.settle()
    await ledger.engine.settle()
    taken = [one for one in done if isinstance(one.outcome, Redeemed)]
    assert 6 <= len(taken) < 20
    assert {type(one.outcome) for one in done} == {Redeemed, SpendingFrozen}
    assert len(await cases(ledger)) == 1
    (case,) = await cases(ledger)
    desk = owner_desk(ledger)
    both = await asyncio.gather(
        decide_case(desk, member, case.number, "是本人", release=True),
        decide_case(desk, member, case.number, "不是", release=False),
    )
    assert sorted(type(one).__name__ for one in both) == ["CaseDecided", "NoOpenCase"]
    await clean(ledger)


async def test_a_frozen_account_gets_no_second_standing_and_a_limited_one_does_not_merge(
    ledger: Ledger,
) -> None:
    member, desk = await watched(ledger, times_usual=None, day_points=99), owner_desk(ledger)
    other = await ledger.member()
    await spend(ledger, member, 100)
    assert await merge(desk, member, other, "同一个人") == NotMergeable("target")
    await freeze(desk, member, "盗号")
    (case,) = await cases(ledger)
    kept = await decide_case(desk, member, case.number, "先不动", release=True)
    assert kept == CaseDecided(case.number, False, "先不动", desk.operator.name), (
        "a case does not open what a person froze"
    )
    assert (await ledger.run(CheckIn, member)).outcome == AccountClosed("frozen")
    await release(desk, member, "都核对过")
    assert isinstance((await spend(ledger, member, 10))[0], Redeemed)
    await clean(ledger)


async def test_cases_and_appeals_are_found_under_the_member_one_is_now(ledger: Ledger) -> None:
    """The case stays under the number of its receipts; a merge shows it with the one who is left, and a split takes it back."""
    member, desk = await watched(ledger, times_usual=None, day_points=99), owner_desk(ledger)
    young = await ledger.member()
    given = {"reason": "x", "ticket": "T", "by": "x", "role": "owner", "origin": "x", "actor": OPERATOR}
    await ledger.run(AdjustPoints, young, points=PLENTY, **given)
    await spend(ledger, young, 100)
    (case,) = await cases(ledger)
    await open_appeal(ledger.pool, young, "a1", "是我", ledger.clock.now())
    await decide_case(desk, young, case.number, "是本人", release=True)
    assert await list_cases(ledger.pool, member_id=member) == []
    assert isinstance(await merge(desk, member, young, "同一个人"), MergedOut)
    (found,) = await list_cases(ledger.pool, member_id=member)
    assert (found.member_id, found.number, found.person_id) == (young, case.number, member)
    latest = (await standing_with_case(ledger.pool, member)).latest
    assert latest is not None
    assert latest.answer == "是本人"
    assert isinstance(await unmerge(desk, young, "弄错了"), SplitOff)
    assert await list_cases(ledger.pool, member_id=member) == []
    assert [one.person_id for one in await list_cases(ledger.pool, member_id=young)] == [young]
    assert (await standing_with_case(ledger.pool, member)).latest is None
    await clean(ledger)


OTHERS: list[tuple[Role, str]] = [("finance", "财务"), ("auditor", "审计"), ("clerk", "店员")]


async def test_k03_only_owner_and_operations_decide(ledger: Ledger) -> None:
    member = await watched(ledger, times_usual=None, day_points=99)
    await spend(ledger, member, 100)
    (case,) = await cases(ledger)
    for role, name in OTHERS:
        desk = await desk_for(ledger, f"one-{role}", role, "sh-01" if role == "clerk" else None)
        with pytest.raises(NotAllowed, match=f"{name}不能审核案件"):
            await decide_case(desk, member, case.number, "是本人", release=True)
    assert (await cases(ledger))[0].state == "open"


def test_a_rule_that_watches_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="等于没有风控"):
        RiskRule(times_usual=None)
