"""What operators do to a member: the role is asked, and each deed has its row in the transaction of the change (K11, K12)."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from loyalty.adjustments.commands import AdjustPoints
from loyalty.adjustments.outcomes import AccountFrozen, AccountThawed, AlreadyFrozen, PointsAdjusted
from loyalty.audit import audit
from loyalty.engine.refusals import AlreadyDone, NothingDue
from loyalty.entries import entries
from loyalty.members.phones import bind_phone
from loyalty.merging.outcomes import MergedOut, SplitOff
from loyalty.operations.rows import OPERATIONS
from loyalty.schema import FACTS
from operators.desk import Desk
from operators.members.account import freeze, merge, release, reset_name, settle_clock, unmask, unmerge
from operators.members.adjusting import adjust
from operators.operation_log.pages import After, Filters, list_operations
from operators.operation_log.reading import read_log
from operators.reasons import BadText
from operators.roles import NotAllowed, Role
from tests.ledger import KEYS, Ledger
from tests.operators.desks import ORIGIN, desk_for, owner_desk


async def clean(ledger: Ledger) -> None:
    assert (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations == []


async def test_k12_each_deed_has_its_row_and_the_audit_compares_them(ledger: Ledger) -> None:
    desk = await desk_for(ledger, "小王", "operations")
    one, other = await ledger.member(), await ledger.member()
    await ledger.pool.execute("UPDATE member SET nickname = '假客服' WHERE member_id = $1", one)
    await bind_phone(ledger.engine, one, "+8613800138000", ledger.clock.now())
    done: list[tuple[str, int, str]] = []

    async def deed(label: str, member: int, reason: str, work: Awaitable[Any], expected: Any) -> None:
        found = await work
        assert isinstance(found, expected) if isinstance(expected, type) else found == expected, found
        done.append((label, member, reason))

    await deed(
        "调整积分", one, "门店漏记一单", adjust(desk, one, 30, "门店漏记一单", ticket="KF-1"), PointsAdjusted
    )
    await deed("冻结账户", one, "疑似盗号", freeze(desk, one, " 疑似盗号 "), AccountFrozen)
    await deed("解冻账户", one, "核对过", release(desk, one, "核对过"), AccountThawed)
    await deed("去掉昵称", one, "冒充客服", reset_name(desk, one, "冒充客服"), True)
    await deed("查看完整手机号", one, "会员来电", unmask(desk, one, "会员来电"), "+8613800138000")
    await deed("合并会员", other, "同一个人", merge(desk, one, other, "同一个人"), MergedOut)
    await deed("撤销合并", one, "弄错了", unmerge(desk, other, "弄错了"), SplitOff)
    rows = [one for one in await list_operations(ledger.pool, Filters(operator="小王")) if one.member_id]
    assert sorted((row.label, row.member_id, row.reason) for row in rows) == sorted(done)
    assert {(row.role, row.role_name, row.origin) for row in rows} == {("operations", "运营", ORIGIN)}
    (adjusted,) = [row for row in rows if row.action == "adjust"]
    assert (adjusted.before, adjusted.after) == (
        {"balance": 100, "debt": 0}, {"points": 30, "balance": 130, "debt": 0},
    )  # fmt: skip
    await clean(ledger)
    # What does not happen leaves no row.
    assert await reset_name(desk, one, "冒充客服") is False
    assert await adjust(desk, one, 30, "再来一次", ticket="KF-1") == AlreadyDone("adjust", "KF-1")
    owner = owner_desk(ledger)
    assert await settle_clock(owner, one, "时钟走快") == NothingDue()
    assert isinstance(await freeze(owner, one, "疑似盗号"), AccountFrozen)
    assert await freeze(owner, one, "疑似盗号") == AlreadyFrozen()
    assert await ledger.count("operation", operator="小王", member_id=one) == 6
    assert await ledger.count("operation", operator="命令行:tester", member_id=one) == 1
    await clean(ledger)


async def test_l07_the_entry_leads_to_who_gave_it_and_why(ledger: Ledger) -> None:
    desk, member = await desk_for(ledger, "小王", "operations"), await ledger.member()
    await adjust(desk, member, -30, "重复补记", ticket="KF-2")
    newest = (await entries(member, limit=1))[0]
    assert (newest.delta, newest.ref) == (-30, "KF-2")
    (row,) = await list_operations(ledger.pool, Filters(member_id=member))
    receipt = await ledger.pool.fetchrow(
        "SELECT no, actor, rule_version, facts->>'by' AS by FROM receipt WHERE member_id = $1 AND code = 'points_adjusted'",
        member,
    )
    assert row.id == f"receipt:{receipt['no']}"
    assert (receipt["actor"], receipt["rule_version"], receipt["by"]) == ("operator", 1, "小王")


EDITS = [
    "DELETE FROM operation",
    "UPDATE operation SET operator = '小李'",
    "UPDATE operation SET reason = '别的原因'",
    "UPDATE operation SET after = '{\"points\": 3}'",
    "UPDATE operation SET receipt_no = 99",
    "UPDATE operation SET id = 'receipt:99'",
    "INSERT INTO operation SELECT member_id, 'receipt:99', at, 'x', 'x', 'x', 'x', '', before, after, '' FROM operation",
]


@pytest.mark.parametrize("edit", EDITS)
async def test_the_audit_sees_a_log_that_was_edited(ledger: Ledger, edit: str) -> None:
    member = await ledger.member()
    await adjust(owner_desk(ledger), member, 30, "门店漏记一单")
    async with ledger.pool.acquire() as connection:
        await connection.execute(
            f"SET session_replication_role = replica; {edit}; RESET session_replication_role"
        )
    found = (await audit(ledger.pool, ledger.clock.now(), KEYS)).violations
    assert {one.invariant for one in found} == {"K12"}


def test_k12_rows_of_the_log_never_change() -> None:
    assert OPERATIONS.name in FACTS


ROLES: list[tuple[Role, str]] = [("finance", "财务"), ("auditor", "审计"), ("clerk", "店员")]


@pytest.mark.parametrize(("role", "name"), ROLES)
async def test_k11_other_roles_may_do_none_of_it(ledger: Ledger, role: Role, name: str) -> None:
    desk = await desk_for(ledger, "小李", role, "sh-01" if role == "clerk" else None)
    member = await ledger.member()
    before = await ledger.traces(member), await ledger.count("operation")
    deeds: list[Callable[[Desk], Awaitable[Any]]] = [
        lambda desk: adjust(desk, member, 1, "x"),
        lambda desk: freeze(desk, member, "x"),
        lambda desk: release(desk, member, "x"),
        lambda desk: reset_name(desk, member, "x"),
        lambda desk: merge(desk, member, member, "x"),
        lambda desk: unmerge(desk, member, "x"),
        lambda desk: settle_clock(desk, member, "x"),
    ]
    if role != "finance":
        deeds.append(lambda desk: unmask(desk, member, "x"))
    for deed in deeds:
        with pytest.raises(NotAllowed, match=f"{name}不能"):
            await deed(desk)
    assert (await ledger.traces(member), await ledger.count("operation")) == before


BAD = [
    (" ", "请写明原因"),
    ("多" * 101, "最多 100 个字，现在有 101 个"),
    ("x\u202ey", "看不见的字符"),
    ("两\n行", "不能换行"),
]


@pytest.mark.parametrize(("reason", "said"), BAD)
async def test_a_bad_reason_is_told_and_nothing_is_done(ledger: Ledger, reason: str, said: str) -> None:
    desk, member = owner_desk(ledger), await ledger.member()
    for deed in (adjust(desk, member, 5, reason), freeze(desk, member, reason), unmask(desk, member, reason)):
        with pytest.raises(BadText, match=said):
            await deed
    with pytest.raises(BadText, match="1 到 10,000,000"):
        await adjust(desk, member, 0, "x")
    assert await ledger.count("operation") == 0


async def test_the_log_is_paged_and_shows_operations_their_own_rows(ledger: Ledger) -> None:
    desk, member = await desk_for(ledger, "小王", "operations"), await ledger.member()
    for n in range(1, 6):
        ledger.clock.advance(1)
        await adjust(desk if n % 2 else owner_desk(ledger), member, n, f"第 {n} 次")
    everything: list[str] = []
    after: After | None = None
    auditor = await desk_for(ledger, "小审", "auditor")
    while page := await read_log(auditor, Filters(action="adjust"), after, limit=2):
        everything += [one.reason for one in page]
        after = After(page[-1].at, page[-1].member_id, page[-1].id)
    assert everything == ["第 5 次", "第 4 次", "第 3 次", "第 2 次", "第 1 次"]
    own = await read_log(desk, Filters(operator="命令行:tester", action="adjust"))
    assert [one.reason for one in own] == ["第 5 次", "第 3 次", "第 1 次"]
    with pytest.raises(NotAllowed):
        await read_log(await desk_for(ledger, "小李", "clerk", "sh-01"))


async def test_a_receipt_from_before_the_log_needs_no_row(ledger: Ledger) -> None:
    member = await ledger.member()
    await ledger.run(AdjustPoints, member, points=5, reason="x", ticket="T", by="小王", actor="operator")
    assert await ledger.count("operation") == 0
    await clean(ledger)


async def test_a_log_that_cannot_be_written_undoes_the_change(ledger: Ledger) -> None:
    member = await ledger.member()
    await ledger.pool.execute("UPDATE member SET nickname = '小明' WHERE member_id = $1", member)
    broken = Desk(
        owner_desk(ledger).operator, "", owner_desk(ledger).resources
    )  # the database refuses an empty origin
    with pytest.raises(asyncpg.CheckViolationError):
        await reset_name(broken, member, "x")
    assert await ledger.pool.fetchval("SELECT nickname FROM member WHERE member_id = $1", member) == "小明"
