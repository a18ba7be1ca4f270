"""`jifen members merge`, `unmerge`, `reopenid`, `adjust`, `freeze` and `thaw`, as an operator runs them."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from typer.testing import CliRunner

from models.database import migrate
from models.installation import bind
from runtime.cli import app
from tests.ledger import open_ledger
from tests.runtime.program import ACCOUNTS, jifen
from tests.runtime.test_installation import NOW, OURS


@pytest.fixture
def given(bare_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """A database with two members: 1 of the official account, 2 of the mini-program."""

    async def make() -> None:
        await migrate(bare_url)
        async with open_ledger(bare_url) as ledger:
            await ledger.member(wx_old="o1")
            await ledger.member(wx_mini="m1")
            async with ledger.pool.acquire() as connection:
                await bind(connection, OURS, NOW)

    asyncio.run(make())
    return ACCOUNTS | {"DATABASE_URL": bare_url, "REDIS_URL": redis_url, "DATA_DIR": str(tmp_path / "var")}


def value(url: str, statement: str) -> Any:
    async def read() -> Any:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(read())


def test_merging_and_undoing_it_by_hand(given: dict[str, str]) -> None:
    url = given["DATABASE_URL"]
    done = jifen("members", "merge", "2", "1", "--reason", "同一个人", **given)
    assert (done.returncode, done.stdout.strip()) == (0, "已并入会员 1，转过去 100 分。"), done.stderr
    assert value(url, "SELECT available FROM account WHERE member_id = 1") == 200
    assert (
        value(url, "SELECT facts->>'reason' FROM receipt WHERE code = 'merged_out' AND actor = 'operator'")
        == "同一个人"
    )
    again = jifen("members", "merge", "1", "2", "--reason", "x", **given)
    assert again.returncode == 1
    assert "已经并入会员 1" in again.stderr
    undone = jifen("members", "unmerge", "2", "--reason", "弄错了", **given)
    assert (undone.returncode, undone.stdout.strip()) == (0, "合并已撤销，转回 100 分。"), undone.stderr
    assert value(url, "SELECT available FROM account WHERE member_id = 2") == 100
    assert jifen("members", "unmerge", "2", "--reason", "x", **given).returncode == 1
    assert jifen("members", "merge", "1", "99", "--reason", "x", **given).returncode == 1


def test_new_openids_are_tried_dry_first(given: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("ori_openid,new_openid\no1,n1\ngone,n2\n", encoding="utf-8")
    words = ("members", "reopenid", str(file), "--from-app", "wx_old")
    dry = jifen(*words, **given)
    assert "共 2 对：可以换上 1" in dry.stdout, dry.stderr
    linked = "SELECT count(*) FROM identity WHERE subject = 'n1'"
    assert value(given["DATABASE_URL"], linked) == 0
    assert "已换上 1" in jifen(*words, "--apply", **given).stdout
    assert "以前换过 1" in jifen(*words, "--apply", **given).stdout
    assert value(given["DATABASE_URL"], linked) == 1
    file.write_text("o1,not an openid\n", encoding="utf-8")
    bad = jifen(*words, **given)
    assert bad.returncode == 1
    assert "第 1 行" in bad.stderr


def test_adjusting_and_freezing_by_hand(given: dict[str, str]) -> None:
    def members(*words: str) -> tuple[int, str]:
        done = jifen("members", *words, **given)
        return done.returncode, (done.stdout or done.stderr).strip()

    assert members("adjust", "1", "--points", "-30", "--reason", "补记", "--ticket", "T1") == (
        0,
        "会员 1 扣了 30 分，现在有 70 分。",
    )
    assert members("adjust", "1", "--points", "-30", "--reason", "补记", "--ticket", "T1") == (
        1,
        "这个工单已经调整过了。",
    )
    code, sentence = members("adjust", "1", "--points", "-71", "--reason", "x")
    assert (code, sentence[:20]) == (1, "这位会员只有 70 分，不够扣；加 --")
    debt = members("adjust", "1", "--points", "-71", "--reason", "x", "--debt")
    assert debt == (0, "会员 1 扣了 71 分，现在有 0 分，欠 1 分。")
    assert members("freeze", "1", "--reason", "疑似盗号", "--by", "小王") == (0, "会员 1 的账户已冻结。")
    assert members("adjust", "1", "--points", "5", "--reason", "x")[0] == 1
    assert members("thaw", "1", "--reason", "核对过") == (0, "会员 1 的账户已解冻。")
    facts = "SELECT facts->>'by' FROM receipt WHERE code = 'account_frozen' AND actor = 'operator'"
    assert value(given["DATABASE_URL"], facts) == "命令行:小王"


def test_erasing_by_hand(given: dict[str, str]) -> None:
    def erase(*words: str) -> tuple[int, str]:
        done = jifen("members", "erase", "1", "--reason", "本人要求", *words, **given)
        return done.returncode, "".join((done.stdout or done.stderr).split())

    assert erase("--confirm", "2") == (1, "--confirm写的是2，和会员号1不一样，什么也没有删除。")
    assert erase("--confirm", "1") == (1, "这位会员还有100积分，删除后一起作废；确认会员放弃以后再删除。")
    assert erase("--confirm", "1", "--forfeit") == (0, "会员1的个人信息已删除，作废100积分和0张券。")
    assert erase("--confirm", "1", "--forfeit") == (1, "这位会员的个人信息已经删除了。")
    assert value(given["DATABASE_URL"], "SELECT count(*) FROM identity WHERE member_id = 1") == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("adjust", "1", "--points", "0", "--reason", "x"),
            "--points 应为 1 到 10,000,000，或者同样范围的负数。",
        ),
        (("adjust", "1", "--points", "5", "--reason", " "), "请写明原因。"),
        (("freeze", "1", "--reason", "多" * 101), "原因最多 100 个字，现在有 101 个。"),
        (("thaw", "1", "--reason", "x\u202ey"), "原因第 2 个字是看不见的字符（U+202E），请删掉。"),
    ],
)
def test_what_cannot_be_done_by_hand_says_why(words: tuple[str, ...], sentence: str) -> None:
    done = CliRunner().invoke(app, ["members", *words])
    assert (done.exit_code, done.output.replace("\n", "")) == (1, sentence)
