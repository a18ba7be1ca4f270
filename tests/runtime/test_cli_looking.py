"""Looking from the command line: a member, their vouchers and notices, the stock, jobs, and rules into the draft."""

import asyncio
from pathlib import Path

import pytest

from operators.jobs.asking import begin_job
from operators.jobs.rows import find_job
from operators.operation_log.pages import Filters, list_operations
from operators.rules.drafts import rule_draft
from tests.ledger import ZONE, Ledger
from tests.operators.desks import owner_desk
from tests.runtime.program import jifen

pytestmark = pytest.mark.slow


@pytest.fixture
def given(given: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return given | {"DATA_DIR": str(tmp_path), "SECRET_KEY": "test-secret-key-of-the-house"}


async def said(given: dict[str, str], *words: str, status: int = 0) -> str:
    told = await asyncio.to_thread(jifen, *words, **given)
    assert told.returncode == status, told.stderr
    assert "Traceback" not in told.stderr
    return (told.stdout + told.stderr).replace("\n", "")


async def test_an_operator_looks_at_what_the_console_shows(ledger: Ledger, given: dict[str, str]) -> None:
    member = await ledger.member()
    shown = await said(given, "members", "show", str(member))
    assert "可用 100" in shown
    assert "+100" in shown
    assert f"{ledger.clock.now().astimezone(ZONE):%Y-%m-%d %H:%M}" in shown
    assert str(member) in await said(given, "members", "find", str(member))
    assert "没有找到" in await said(given, "members", "find", "13800138000", status=1)
    assert "没有会员 9999" in await said(given, "members", "show", "9999", status=1)
    assert "没有绑定手机号" in await said(given, "members", "phone", str(member), "--reason", "x", status=1)
    assert "没有这张券，请核对券码" in await said(given, "vouchers", "show", "K7M9-PQ2R-TUVW", status=1)
    assert "还剩" in await said(given, "numbers", "stock")
    assert "不是「发送失败」" in await said(given, "notices", "again", str(member), "expiry", "x", status=1)


async def test_a_member_number_of_four_digits_is_found_where_no_tail_can_be(
    ledger: Ledger, given: dict[str, str]
) -> None:
    await ledger.pool.execute("SELECT setval(pg_get_serial_sequence('member', 'member_id'), 1233)")
    member = await ledger.member()
    keyless = {name: value for name, value in given.items() if name != "SECRET_KEY"}
    told = await said(keyless, "members", "find", str(member))
    assert "1234" in told
    assert "JIFEN_SECRET_KEY 没有设置" in told


async def test_jobs_are_listed_and_stopped(ledger: Ledger, given: dict[str, str]) -> None:
    number = await begin_job(owner_desk(ledger), "backtest", "回测草稿", {})
    assert "回测草稿" in await said(given, "jobs", "list")
    assert "停下" in await said(given, "jobs", "stop", str(number))
    assert "已经结束" in await said(given, "jobs", "stop", str(number), status=1)
    assert "重新开始了" in await said(given, "jobs", "restart", str(number))
    job = await find_job(ledger.pool, number)
    assert job is not None
    assert job.state == "waiting"
    rows = await list_operations(ledger.pool, Filters(action="look_rules"))
    assert sorted(row.after["does"] for row in rows) == ["restart_job", "stop_job"]


async def test_a_file_goes_into_the_draft_and_is_given_up(
    ledger: Ledger, given: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "rules.yaml"
    text = (await asyncio.to_thread(jifen, "rules", "export", **given)).stdout
    file.write_text(text.replace("points: 100", "points: 101", 1), encoding="utf-8")
    assert "已放进草稿，和最新一版不同的有：" in await said(given, "rules", "draft", str(file))
    assert len((await rule_draft(ledger.pool)).sections) == 1
    assert "草稿里已经有改动" in await said(given, "rules", "draft", str(file), status=1)
    assert "放弃了 1 部分的改动" in await said(given, "rules", "drop-draft")
    assert (await rule_draft(ledger.pool)).sections == {}
