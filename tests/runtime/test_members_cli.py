"""`jifen members merge`, `unmerge` and `reopenid`, as an operator runs them."""

import asyncio
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from models.database import migrate
from models.installation import bind
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
