"""Rules that are worse for members and an operator may not publish alone: a second person decides, and it is published once."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import asyncpg
import pytest

from loyalty.programme.comparing.favour import NOTICE
from loyalty.programme.files.reading import NotPublished
from loyalty.programme.in_force.live import rules_of
from loyalty.programme.publishing.draft import Terms
from loyalty.programme.publishing.history import version_of
from loyalty.programme.publishing.versions import newest
from operators.approvals.asking import ApprovalFault, withdraw_approval
from operators.approvals.rows import Approval, find_approval, list_approvals
from operators.decisions.deciding import approve, refuse
from operators.decisions.words import details
from operators.desk import Desk
from operators.operation_log.pages import Filters, list_operations
from operators.roles import Action, NotAllowed, Operator
from operators.rules.drafting import discard, empty, save_section
from operators.rules.drafts import body_of, rule_draft
from operators.rules.publishing import publish_draft
from operators.rules.requests import RulesPublished, request_in
from operators.rules.versions import withdraw_version
from tests.ledger import DAY_S, Ledger, demo_rules, rules_with
from tests.operators.desks import desk_for, owner_desk

WORSE = body_of(demo_rules())["check_in"] | {"points": 1}
LOSS = "签到的会员：check_in（签到）：连签第 1 天得的积分 10 → 1"
FIGURES = ("发出：实际 10，按这份规则 1，相差 -9",)


@pytest.fixture
async def wang(ledger: Ledger) -> Desk:
    return await desk_for(ledger, "小王", "operations")


async def asked(desk: Desk, *, days: float = 9, newest_seen: int = 1, **terms: object) -> Approval:
    """The request for the draft that stands."""
    when = desk.now() + timedelta(days=days)
    found = await publish_draft(
        desk, Terms("成本涨了", when, **terms), newest_seen=newest_seen, figures=FIGURES  # type: ignore[arg-type]
    )  # fmt: skip
    assert isinstance(found, Approval)
    return found


async def state_of(ledger: Ledger, one: Approval) -> str:
    found = await find_approval(ledger.pool, one.id)
    assert found is not None
    return found.state_name


async def test_k11_worse_rules_are_published_by_a_second_person(ledger: Ledger, wang: Desk) -> None:
    await save_section(wang, "check_in", WORSE, 0)
    one = await asked(wang)
    assert (await newest(ledger.pool), (await rule_draft(ledger.pool)).edition("check_in")) == (1, 1)
    told = "\n".join(await details(ledger.pool, one, ledger.zone))
    for words in ("小王", "成本涨了", "等待批准", "改自：第 1 版", LOSS, *FIGURES, "签到每天积分：10 → 1"):
        assert words in told, words
    assert request_in(one).digest in told
    (listed,) = await list_approvals(ledger.pool, ledger.clock.now(), "asked")
    assert (request_in(listed).losses, listed.facts.keys() & {"rules", "figures"}) == ([LOSS], set())
    for desk in (wang, await desk_for(ledger, "小钱", "finance")):
        with pytest.raises(NotAllowed):
            await approve(desk, one.id)
    done = await approve(owner_desk(ledger), one.id, "同意")
    assert isinstance(done, RulesPublished)
    version = await version_of(ledger.pool, 2, ledger.clock.now())
    assert (version.published_by, version.reason, version.losses, version.state) == (
        "小王（命令行:tester批准）", "成本涨了", [LOSS], "scheduled",
    )  # fmt: skip
    assert (await rules_of(ledger.pool, 2)).digest == request_in(one).digest
    assert (await rule_draft(ledger.pool)).sections == {}, "what was published has left the draft"
    rows = await list_operations(ledger.pool, Filters())
    noted = sorted((row.operator, row.label, row.subject) for row in rows if row.action.endswith("_rules"))
    assert noted == sorted([
        ("小王", "起草规则", "check_in"), ("小王", "发布规则", one.id),
        ("命令行:tester", "批准发布对会员不利的规则", one.id), ("命令行:tester", "发布规则", "第 2 版"),
    ])  # fmt: skip
    assert "rules" not in next(row.after for row in rows if row.subject == one.id)
    with pytest.raises(ApprovalFault, match="已批准，不能再处理"):
        await approve(owner_desk(ledger), one.id)


async def test_another_operator_may_be_the_second_person_but_never_the_first(
    ledger: Ledger, wang: Desk
) -> None:
    await save_section(wang, "check_in", WORSE, 0)
    one = await asked(wang)
    with pytest.raises(NotAllowed, match="要由另一个人批准"):
        await approve(wang, one.id)
    promoted = Desk(
        Operator(wang.operator.operator_id, "小王", "owner"), wang.origin, wang.resources, wang.session
    )
    await ledger.pool.execute("UPDATE operator SET role = 'owner' WHERE name = '小王'")
    with pytest.raises(NotAllowed, match="要由另一个人批准"):
        await approve(promoted, one.id)
    assert await newest(ledger.pool) == 1
    assert isinstance(await approve(await desk_for(ledger, "小李", "operations"), one.id), RulesPublished)


async def test_two_who_decide_at_once_publish_once(ledger: Ledger, wang: Desk) -> None:
    await save_section(wang, "check_in", WORSE, 0)
    one, li = await asked(wang), await desk_for(ledger, "小李", "operations")
    answers = await asyncio.gather(
        approve(owner_desk(ledger), one.id), approve(li, one.id), refuse(li, one.id, "不行"), return_exceptions=True
    )  # fmt: skip
    published = [answer for answer in answers if isinstance(answer, RulesPublished)]
    assert await newest(ledger.pool) == 1 + len(published)
    assert await state_of(ledger, one) == ("已批准" if published else "已驳回")
    assert sum(isinstance(answer, Exception) for answer in answers) == 2


async def test_two_who_ask_for_the_same_ask_once(ledger: Ledger, wang: Desk) -> None:
    await save_section(wang, "check_in", WORSE, 0)
    li = await desk_for(ledger, "小李", "operations")
    when = wang.now() + timedelta(days=9)
    answers = await asyncio.gather(
        *(publish_draft(desk, Terms("成本涨了", when), newest_seen=1) for desk in (wang, li, wang)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Approval) for answer in answers) == 1
    assert "已经为同一份规则提出过申请" in str(
        next(answer for answer in answers if isinstance(answer, NotPublished))
    )


async def test_what_was_asked_for_is_published_whatever_becomes_of_the_draft(
    ledger: Ledger, wang: Desk
) -> None:
    await save_section(wang, "check_in", WORSE, 0)
    one = await asked(wang)
    await save_section(wang, "check_in", WORSE | {"points": 7}, 1)
    await approve(owner_desk(ledger), one.id)
    assert (await rules_of(ledger.pool, 2)).check_in.points == 1
    draft = await rule_draft(ledger.pool)
    assert (draft.value("check_in")["points"], draft.overtaken) == (7, ("check_in",)), (
        "the later change stays, and is named"
    )
    await discard(wang, ("check_in",))


async def test_what_does_not_hold_any_more_is_not_published_and_waits_on(ledger: Ledger, wang: Desk) -> None:
    owner = owner_desk(ledger)
    await save_section(wang, "check_in", WORSE, 0)
    one = await asked(wang)
    assert await ledger.publish(rules_with(check_in={"points": 30})) == 2
    with pytest.raises(ApprovalFault, match=r"第 2 版规则已经发布，这份改自第 1 版(.|\n)*申请还在等待"):
        await approve(owner, one.id)
    assert (await newest(ledger.pool), await state_of(ledger, one)) == (2, "等待批准")
    assert (await rule_draft(ledger.pool)).edition("check_in") == 1
    await refuse(owner, one.id, "请在第 2 版上重新改")
    found = await find_approval(ledger.pool, one.id)
    assert found is not None
    assert (found.state_name, found.answer) == ("已驳回", "请在第 2 版上重新改")


async def test_a_version_that_was_scheduled_meanwhile_or_other_losses_stop_it(
    ledger: Ledger, wang: Desk
) -> None:
    owner = owner_desk(ledger)
    await save_section(owner, "check_in", WORSE | {"points": 5}, 0)
    assert await publish_draft(owner, Terms("先降", owner.now() + timedelta(days=20)), newest_seen=1) == 2
    await save_section(owner, "check_in", WORSE | {"points": 9}, 0)
    soon = Terms("再降", owner.now() + timedelta(days=15), until_replaced=True)
    assert await publish_draft(owner, soon, newest_seen=2) == 3
    await save_section(wang, "check_in", WORSE, 0)
    one = await asked(wang, days=21, newest_seen=3)
    assert request_in(one).losses == [LOSS.replace("10 → 1", "5 → 1")]
    await withdraw_version(owner, 2, "不降了")
    with pytest.raises(ApprovalFault, match="和申请时不同"):
        await approve(owner, one.id)
    assert (await newest(ledger.pool), await state_of(ledger, one)) == (3, "等待批准")


async def test_a_request_ends_when_seven_days_of_notice_are_no_longer_left(
    ledger: Ledger, wang: Desk
) -> None:
    await save_section(wang, "check_in", WORSE, 0)
    with pytest.raises(NotPublished, match="至少要提前 7 天公布"):
        await asked(wang, days=6)
    with pytest.raises(NotPublished, match="要由另一个人批准，批准以后还要提前 7 天公布，来不及"):
        await asked(wang, days=7.01)
    late, early = await asked(wang, days=8), await asked(wang, days=30)
    assert late.expires_at == request_in(late).effective_from - NOTICE
    await withdraw_approval(wang, early.id)
    ledger.clock.advance(DAY_S)
    with pytest.raises(ApprovalFault, match="已过期，不能再处理"):
        await approve(owner_desk(ledger), late.id)
    assert await list_approvals(ledger.pool, ledger.clock.now())
    assert (await state_of(ledger, late), await state_of(ledger, early)) == ("已过期", "已撤回")
    assert await newest(ledger.pool) == 1


async def test_what_fails_at_its_last_step_leaves_nothing(
    ledger: Ledger, wang: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await save_section(wang, "check_in", WORSE, 0)
    one = await asked(wang)

    async def fail(*_: object) -> None:
        raise RuntimeError("as if the process had been killed")

    with monkeypatch.context() as patch:
        patch.setattr("operators.rules.requests.empty", fail)
        with pytest.raises(RuntimeError, match="killed"):
            await approve(owner_desk(ledger), one.id)
    assert (await newest(ledger.pool), await state_of(ledger, one)) == (1, "等待批准")
    assert await list_operations(ledger.pool, Filters(action=Action.APPROVE_RULES)) == []


async def test_a_lost_connection_publishes_once(
    ledger: Ledger, wang: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await save_section(wang, "check_in", WORSE, 0)
    one, lost = await asked(wang), 0

    async def lose(connection: asyncpg.Connection, sections: Mapping[str, int]) -> set[str]:
        nonlocal lost
        lost += 1
        if lost == 1:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return await empty(connection, sections)

    monkeypatch.setattr("operators.rules.requests.empty", lose)
    assert isinstance(await approve(owner_desk(ledger), one.id), RulesPublished)
    assert (lost, await newest(ledger.pool), await state_of(ledger, one)) == (2, 2, "已批准")
    assert len(await list_operations(ledger.pool, Filters(action=Action.APPROVE_RULES))) == 1


async def test_rules_that_mean_something_else_to_a_newer_program_are_not_published(
    ledger: Ledger, wang: Desk
) -> None:
    await save_section(wang, "check_in", WORSE, 0)
    one = await asked(wang)
    await ledger.pool.execute("UPDATE approval SET facts = jsonb_set(facts, '{digest}', '\"other\"')")
    with pytest.raises(ApprovalFault, match="程序在申请以后升级过"):
        await approve(owner_desk(ledger), one.id)
    assert "程序在申请以后升级过" in "\n".join(
        await details(ledger.pool, (await find_approval(ledger.pool, one.id)) or one, ledger.zone)
    )
    assert await newest(ledger.pool) == 1


async def test_urgent_publication_stays_with_the_owner(ledger: Ledger, wang: Desk) -> None:
    await save_section(wang, "check_in", WORSE, 0)
    with pytest.raises(NotAllowed, match="只有老板能按"):
        await asked(wang, urgent=True)
    assert await list_approvals(ledger.pool, ledger.clock.now()) == []
