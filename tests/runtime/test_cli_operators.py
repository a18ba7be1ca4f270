"""`jifen operators`: what an owner sees at the command line, and that a password is shown once."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from loyalty.appeals.views import open_appeal
from loyalty.programme.publishing.draft import Terms
from operators.approvals.rows import Approval
from operators.members.account import freeze
from operators.members.adjusting import WaitsForSecond, adjust
from operators.rules.drafting import save_section
from operators.rules.publishing import publish_draft
from tests.ledger import Ledger
from tests.operators.desks import desk_for
from tests.runtime.program import jifen

pytestmark = pytest.mark.slow


@pytest.fixture
def given(given: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return given | {"DATA_DIR": str(tmp_path)}


async def test_an_operator_from_first_to_last(ledger: Ledger, given: dict[str, str]) -> None:
    def operators(*words: str) -> str:
        done = jifen("operators", *words, **given)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "还没有操作员" in operators("list")
    told = operators("add", "小李", "--role", "clerk", "--store", "sh-01")
    (once,) = re.findall(r"[2-9a-z]{4}-[2-9a-z]{4}-[2-9a-z]{4}", told)
    listed = operators("list")
    assert ("店员" in listed, "sh-01" in listed, "还没有设置密码" in listed, once in listed) == (
        True,
        True,
        True,
        False,
    )
    assert "已停用" in operators("disable", "小李", "--reason", "已离职")
    assert "可以登录了" in operators("enable", "小李")
    assert once not in operators("reset", "小李")
    log = operators("log", "--count", "2")
    assert log.count("管理操作员") == 2
    assert "老板，命令行" in log
    assert once not in str(await ledger.pool.fetch("SELECT o::text, p::text FROM operation o, operator p"))


async def test_what_waits_is_decided_at_the_command_line(ledger: Ledger, given: dict[str, str]) -> None:
    def said(*words: str) -> str:
        done = jifen(*words, **given)
        return (done.stdout + done.stderr).replace("\n", "")

    member = await ledger.member()
    desk = await desk_for(ledger, "小王", "operations")
    waits = [await adjust(desk, member, 2000, "开业补发") for _ in range(2)]
    first, second = [one.approval_id for one in waits if isinstance(one, WaitsForSecond)]
    await ledger.pool.execute(
        "UPDATE approval SET expires_at = 'infinity'"
    )  # the program has a clock of its own
    listed = said("operators", "approvals")
    assert (first in listed, "小王" in listed, "2,000 分" in listed) == (True, True, True)
    assert said("operators", "approve", first) == "已批准，办好了。"
    assert said("operators", "refuse", second, "--reason", "没有凭证") == "已驳回。"
    assert "不能再处理" in said("operators", "approve", second)
    assert await ledger.balance(member) == 2100
    assert "没有等待批准" in said("operators", "approvals")
    assert "没有等待答复" in said("members", "answer", str(member), "x")
    member = await ledger.member()  # whom the program's own clock has not booked yet
    await freeze(desk, member, "等核对")
    await open_appeal(ledger.pool, member, "a1", "是我本人", ledger.clock.now())
    assert "是我本人" in said("members", "appeals")
    assert (
        said("members", "answer", str(member), "核对无误", "--release")
        == f"会员 {member} 的申诉已答复，账户已解冻。"
    )
    assert "没有等待答复" in said("members", "appeals")


async def test_rules_that_wait_are_looked_at_and_decided(ledger: Ledger, given: dict[str, str]) -> None:
    def said(*words: str) -> str:
        done = jifen("operators", *words, **given)
        return done.stdout + done.stderr

    desk = await desk_for(ledger, "小王", "operations")
    await save_section(desk, "check_in", {"points": 1}, 0)
    asked = await publish_draft(desk, Terms("成本涨了", desk.now() + timedelta(days=9)), newest_seen=1)
    assert isinstance(asked, Approval)
    await ledger.pool.execute(
        "UPDATE approval SET expires_at = '2100-01-01'"
    )  # the program has its own clock
    assert "发布规则：2026-03-11 10:00 起生效" in said("approvals")
    told = said("approval", asked.id)
    for words in ("小王", "成本涨了", "改自：第 1 版", "签到", "对会员不利的地方", "申请人的回测"):
        assert words in told, words
    refused = said("approve", asked.id)  # by the program's clock its day is over
    assert "不能早于现在" in refused
    assert "申请还在等待" in refused
    assert "已驳回" in said("refuse", asked.id, "--reason", "请改日期")
    assert "没有这个申请" in said("approval", "nothing")


def test_mistakes_are_told_in_a_sentence(ledger: Ledger, given: dict[str, str]) -> None:
    for words, said in (
        (("add", "小张", "--role", "boss"), "没有「boss」这个角色"),
        (("add", "小张", "--role", "clerk"), "哪个门店"),
        (("disable", "没有这个人"), "没有名为「没有这个人」的操作员"),
    ):
        told = jifen("operators", *words, **given)
        assert told.returncode == 1
        assert said in told.stderr.replace("\n", "")
