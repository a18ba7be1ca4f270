"""Operators: adding, listing, disabling; each with a row in the log; and who may do so."""

import pytest

from operators.access.people import (
    OperatorFault,
    add_operator,
    disable_operator,
    enable_operator,
    end_all_sessions,
    list_operators,
    reset_operator,
)
from operators.operation_log.pages import Filters, list_operations
from operators.roles import Action, NotAllowed
from tests.ledger import Ledger
from tests.operators.desks import desk_for, owner_desk


async def test_operators_are_added_listed_and_disabled_with_a_row_each(ledger: Ledger) -> None:
    desk = owner_desk(ledger)
    await add_operator(desk, " 张老板 ", "owner")
    await add_operator(desk, "小李", "clerk", "sh-01")
    await disable_operator(desk, "小李", "已离职")
    await enable_operator(desk, "小李")
    listed = [
        (one.operator.name, one.operator.role_name, one.operator.store)
        for one in await list_operators(ledger.pool)
    ]
    assert listed == [("张老板", "老板", None), ("小李", "店员", "sh-01")]
    rows = await list_operations(ledger.pool, Filters(operator="命令行:tester"))
    assert {(one.label, one.role_name, one.origin) for one in rows} == {("管理操作员", "老板", "命令行")}
    done = sorted((one.subject, one.after["does"], one.reason) for one in rows)
    assert done == [
        ("小李", "add", ""),
        ("小李", "disable", "已离职"),
        ("小李", "enable", ""),
        ("张老板", "add", ""),
    ]


BAD = [
    ("", "owner", None, "1 到 20 个"),
    ("命令行:root", "owner", None, "1 到 20 个"),
    ("<b>王</b>", "owner", None, "1 到 20 个"),
    ("王" * 21, "owner", None, "1 到 20 个"),
    ("小张", "boss", None, "没有「boss」这个角色"),
    ("小张", "clerk", None, "哪个门店"),
    ("小张", "finance", "sh-01", "只有店员"),
    ("小张", "clerk", "一店", "门店编号"),
    ("WANG", "owner", None, "已经有"),
]


async def test_bad_operators_are_refused_and_leave_no_row(ledger: Ledger) -> None:
    desk = owner_desk(ledger)
    await add_operator(desk, "wang", "owner")
    for name, role, store, said in BAD:
        with pytest.raises(OperatorFault, match=said):
            await add_operator(desk, name, role, store)
    for deed in (disable_operator, enable_operator, reset_operator):
        with pytest.raises(OperatorFault, match="没有名为"):
            await deed(desk, "没有这个人")
    with pytest.raises(OperatorFault, match="唯一的老板"):
        await disable_operator(desk, "wang")
    assert await ledger.count("operation") == await ledger.count("operator") == 1


async def test_none_but_the_owner_manages_operators(ledger: Ledger) -> None:
    await add_operator(owner_desk(ledger), "老板", "owner")
    for role in ("operations", "finance", "auditor"):
        desk = await desk_for(ledger, f"one-{role}", role)
        with pytest.raises(NotAllowed, match="不能管理操作员"):
            await add_operator(desk, "another", "owner")
        for deed in (disable_operator, enable_operator, reset_operator):
            with pytest.raises(NotAllowed):
                await deed(desk, "老板")


async def test_an_owner_ends_all_sessions_of_an_operator(ledger: Ledger) -> None:
    lost = await desk_for(ledger, "小王", "operations")
    await lost.require(Action.ADJUST)
    await end_all_sessions(owner_desk(ledger), "小王", "电脑丢了")
    with pytest.raises(NotAllowed, match="登录已经失效"):
        await lost.require(Action.ADJUST)
    with pytest.raises(NotAllowed):
        await end_all_sessions(await desk_for(ledger, "小李", "operations"), "小王")
    with pytest.raises(OperatorFault):
        await end_all_sessions(owner_desk(ledger), "没有这个人")
