"""Keys and rules: each change has its row in the log, in its transaction."""

from datetime import timedelta

import pytest

from loyalty.programme.publishing.draft import Terms
from loyalty.programme.publishing.versions import newest
from operators.approvals.rows import Approval
from operators.operation_log.pages import Filters, list_operations
from operators.partners.keys import create_key, revoke_key, rotate_key
from operators.roles import NotAllowed
from operators.rules.publishing import publish_rules
from operators.rules.versions import withdraw_version
from partner_api.keys import KeyFault
from tests.ledger import Ledger, rules_with
from tests.operators.desks import desk_for, later, owner_desk


async def test_keys_leave_rows_without_their_secret(ledger: Ledger) -> None:
    desk = owner_desk(ledger)
    made = await create_key(desk, "一店收银台", ["events"], "sh-01", 60)
    again = await rotate_key(desk, made.key.id, grace=timedelta(hours=2))
    assert again is not None
    assert await revoke_key(desk, made.key.id) is not None
    assert await revoke_key(desk, "nokey222") is None
    with pytest.raises(KeyFault):
        await create_key(desk, "", ["events"], None, 60)
    rows = await list_operations(ledger.pool, Filters(action="keys"))
    assert sorted(row.after["does"] for row in rows) == ["new", "revoke", "rotate"]
    assert {row.subject for row in rows} == {made.key.id}
    assert made.text not in str(rows)
    with pytest.raises(NotAllowed):
        await create_key(await desk_for(ledger, "小王", "operations"), "x", ["events"], None, 60)


async def test_rules_leave_rows_and_what_is_worse_waits_for_a_second_person(ledger: Ledger) -> None:
    wang = await desk_for(ledger, "小王", "operations")
    better = rules_with(welcome={"points": 200})
    assert await publish_rules(wang, better, 1, Terms("国庆")) == 2
    worse, day = rules_with(welcome={"points": 200}, rewards=[]), later(ledger, days=8)
    asked = await publish_rules(wang, worse, 2, Terms("下架", day))
    assert isinstance(asked, Approval)
    assert await newest(ledger.pool) == 2, "nothing is stored"
    assert await publish_rules(owner_desk(ledger), worse, 2, Terms("下架", day)) == 3
    await withdraw_version(wang, 3, "改期")
    rows = await list_operations(ledger.pool, Filters(action="publish_rules"))
    assert sorted((row.operator, row.subject, row.reason) for row in rows) == sorted([
        ("小王", "第 2 版", "国庆"), ("小王", asked.id, "下架"), ("命令行:tester", "第 3 版", "下架"), ("小王", "第 3 版", "改期"),
    ])  # fmt: skip
    with pytest.raises(NotAllowed):
        await publish_rules(await desk_for(ledger, "小钱", "finance"), better, 3, Terms("x"))
