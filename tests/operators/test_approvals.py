"""Adjustments above the limit: a second person, never the first, decides; what they approve happens once (K11)."""

import asyncio
from dataclasses import replace

import pytest

from loyalty.adjustments.outcomes import AboveLimit, PointsAdjusted
from loyalty.audit import audit
from loyalty.engine.refusals import AccountClosed, AlreadyDone
from loyalty.entries import entries
from operators.access.people import disable_operator
from operators.approvals.asking import ApprovalFault, withdraw_approval
from operators.approvals.rows import Approval, find_approval, list_approvals
from operators.decisions.deciding import RECORD, approve, refuse
from operators.desk import Desk
from operators.members.account import freeze
from operators.members.adjusting import WaitsForSecond, adjust
from operators.operation_log.pages import Filters, list_operations
from operators.roles import NotAllowed
from tests.ledger import DAY_S, KEYS, Ledger
from tests.operators.desks import desk_for, owner_desk

LIMIT = 1000


async def asked(desk: Desk, member: int, points: int = LIMIT + 1, ticket: str = "") -> str:
    waits = await adjust(desk, member, points, "开业补发", ticket=ticket)
    assert isinstance(waits, WaitsForSecond), waits
    return waits.approval_id


async def state_of(ledger: Ledger, approval_id: str) -> Approval:
    found = await find_approval(ledger.pool, approval_id)
    assert found is not None
    return found


async def test_k11_above_the_limit_nothing_moves_until_a_second_person_approves(ledger: Ledger) -> None:
    wang, member = await desk_for(ledger, "小王", "operations"), await ledger.member()
    assert isinstance(await adjust(wang, member, LIMIT, "开业补发"), PointsAdjusted), (
        "the limit itself is allowed"
    )
    ledger.clock.advance(DAY_S)
    wang = replace(wang, session=None)  # the session is over: as if logged in again
    approval_id = await asked(wang, member)
    assert await ledger.balance(member) == 100 + LIMIT
    with pytest.raises(NotAllowed, match="运营不能批准"):
        await approve(wang, approval_id)
    with pytest.raises(NotAllowed, match="运营不能批准"):
        await approve(await desk_for(ledger, "小张", "operations"), approval_id)
    finance = await desk_for(ledger, "小钱", "finance")
    done = await approve(finance, approval_id, "同意")
    assert done == PointsAdjusted(LIMIT + 1, 0, 100 + 2 * LIMIT + 1, 0, "开业补发", "小王")
    newest = (await entries(member, limit=1))[0]
    assert (newest.delta, newest.ref) == (LIMIT + 1, approval_id)
    found = await state_of(ledger, approval_id)
    assert (found.state_name, found.asked_name, found.decided_name, found.outcome) == (
        "已批准",
        "小王",
        "小钱",
        "points_adjusted",
    )
    rows = await list_operations(ledger.pool, Filters(member_id=member))
    assert sorted((row.operator, row.label, row.subject) for row in rows) == sorted([
        ("小王", "调整积分", ""), ("小王", "调整积分", approval_id), ("小钱", "批准超过限额的积分调整", approval_id),
        ("小王", "调整积分", "小钱"),
    ])  # fmt: skip
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_the_limit_counts_what_one_person_moves_within_a_day(ledger: Ledger) -> None:
    wang, member = await desk_for(ledger, "小王", "operations"), await ledger.member()
    both = await asyncio.gather(*(adjust(wang, member, 600, "开业补发") for _ in range(2)))
    assert sorted(type(one).__name__ for one in both) == ["PointsAdjusted", "WaitsForSecond"], "two at once"
    waits = await adjust(wang, member, -401, "扣回")
    assert isinstance(waits, WaitsForSecond)
    assert waits.limit == AboveLimit(401, LIMIT, 600)
    assert "今天已经调整了 600 分" in waits.limit.sentence
    assert isinstance(await adjust(wang, await ledger.member(), 600, "另一位"), PointsAdjusted)
    ledger.clock.advance(DAY_S)
    wang = replace(wang, session=None)
    assert isinstance(await adjust(wang, member, LIMIT, "第二天"), PointsAdjusted)


async def test_the_owner_needs_nobody(ledger: Ledger) -> None:
    owner, member = await desk_for(ledger, "张老板", "owner"), await ledger.member()
    assert isinstance(await adjust(owner, member, 50_000, "开业补发"), PointsAdjusted)
    assert await list_approvals(ledger.pool, ledger.clock.now()) == []


async def test_the_second_person_is_never_the_first(ledger: Ledger) -> None:
    wang, member = await desk_for(ledger, "小王", "operations"), await ledger.member()
    approval_id = await asked(wang, member)
    # 小王 has become an owner meanwhile, and could approve what others ask for.
    await ledger.pool.execute("UPDATE operator SET role = 'owner' WHERE name = '小王'")
    promoted = Desk(replace(wang.operator, role="owner"), wang.origin, wang.resources, wang.session)
    for deed in (approve(promoted, approval_id), refuse(promoted, approval_id, "不行")):
        with pytest.raises(NotAllowed, match="要由另一个人批准"):
            await deed
    assert await ledger.balance(member) == 100
    assert (await state_of(ledger, approval_id)).state == "asked"


async def test_two_approvals_at_once_carry_out_once(ledger: Ledger) -> None:
    wang, member = await desk_for(ledger, "小王", "operations"), await ledger.member()
    owner, finance = owner_desk(ledger), await desk_for(ledger, "小钱", "finance")
    approval_id = await asked(wang, member)
    both = await asyncio.gather(
        approve(owner, approval_id), approve(finance, approval_id), refuse(owner, approval_id, "不行"),
        return_exceptions=True,
    )  # fmt: skip
    moved = [one for one in both if isinstance(one, PointsAdjusted)]
    found = await state_of(ledger, approval_id)
    assert bool(moved) == (found.state == "approved")
    assert await ledger.balance(member) == 100 + (LIMIT + 1) * bool(moved)
    with pytest.raises(ApprovalFault, match="不能再处理"):
        await approve(finance, approval_id)


async def test_what_a_crash_left_unfinished_is_carried_out_by_approving_again(ledger: Ledger) -> None:
    wang, member = await desk_for(ledger, "小王", "operations"), await ledger.member()
    finance, approval_id = await desk_for(ledger, "小钱", "finance"), await asked(wang, member)
    await approve(finance, approval_id)
    await ledger.pool.execute(
        "UPDATE approval SET outcome = NULL"
    )  # as if the process had ended before it noted this
    assert (await state_of(ledger, approval_id)).is_unfinished
    assert isinstance(await approve(finance, approval_id), PointsAdjusted)
    assert await ledger.balance(member) == 100 + LIMIT + 1, "once"
    assert not (await state_of(ledger, approval_id)).is_unfinished
    assert "outcome IS NULL" in RECORD


async def test_what_is_refused_withdrawn_or_a_week_old_is_over(ledger: Ledger) -> None:
    wang, member = await desk_for(ledger, "小王", "operations"), await ledger.member()
    owner = owner_desk(ledger)
    first, second, third = [await asked(wang, member) for _ in range(3)]
    await refuse(owner, first, "没有凭证")
    with pytest.raises(NotAllowed, match="只有提出申请的人"):
        await withdraw_approval(owner, second)
    await withdraw_approval(wang, second)
    ledger.clock.advance(7 * DAY_S)
    for approval_id, state in ((first, "已驳回"), (second, "已撤回"), (third, "已过期")):
        with pytest.raises(ApprovalFault, match="不能再处理"):
            await approve(owner, approval_id)
        assert await list_approvals(ledger.pool, ledger.clock.now())
        assert (await state_of(ledger, approval_id)).state_name == state
    assert (await state_of(ledger, first)).answer == "没有凭证"
    assert await ledger.balance(member) == 100
    with pytest.raises(ApprovalFault, match="没有这个申请"):
        await approve(owner, "unknown")


async def test_an_approval_of_what_cannot_be_done_any_more_says_so(ledger: Ledger) -> None:
    wang, owner, member = (
        await desk_for(ledger, "小王", "operations"),
        owner_desk(ledger),
        await ledger.member(),
    )
    of_frozen = await asked(wang, member)
    of_done = await asked(wang, member, ticket="KF-9")
    await adjust(owner, member, 5, "同一个工单", ticket="KF-9")
    assert await approve(owner, of_done) == AlreadyDone("adjust", "KF-9")
    await freeze(owner, member, "疑似盗号")
    assert await approve(owner, of_frozen) == AccountClosed("frozen")
    assert (await state_of(ledger, of_frozen)).outcome == AccountClosed.code
    assert await ledger.balance(member) == 105


async def test_a_disabled_approver_approves_nothing(ledger: Ledger) -> None:
    wang, member = await desk_for(ledger, "小王", "operations"), await ledger.member()
    finance, approval_id = await desk_for(ledger, "小钱", "finance"), await asked(wang, member)
    await disable_operator(owner_desk(ledger), "小钱")
    with pytest.raises(NotAllowed, match="登录已经失效"):
        await approve(finance, approval_id)
    assert await ledger.balance(member) == 100
