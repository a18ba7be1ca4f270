"""`jifen import`: what an operator sees of a trial, of bad rows, and of the import."""

import asyncio
from pathlib import Path

import pytest

from tests.ledger import Ledger
from tests.moving.tables import written
from tests.runtime.program import jifen

pytestmark = pytest.mark.slow


async def run(given: dict[str, str], *words: object) -> tuple[int, str]:
    told = await asyncio.to_thread(jifen, "import", *map(str, words), **given)
    assert "Traceback" not in told.stderr
    return told.returncode, told.stdout + told.stderr


async def test_trial_refusal_and_import(ledger: Ledger, given: dict[str, str], tmp_path: Path) -> None:
    given = given | {"DATA_DIR": str(tmp_path)}
    file = written(
        tmp_path / "b.csv", "会员号,姓名,积分,到期日", "1,甲,100,2099-12-31", "2,乙,-1,", encoding="gbk"
    )
    status, said = await run(given, "balances", file, "--external", "crm", "--dry-run")
    assert status == 1
    assert (
        "b.csv（CSV，GBK/GB18030 编码）。各列：会员号 → 原系统会员号，积分 → 积分，到期日 → 到期日；没有用到：姓名。"
        in said
    )
    assert "第 3 行：积分 『-1』 太小，最少 0。" in said
    assert "1 行有问题，全部写在 " in said
    assert "这是试算，什么也没有写。共 2 行，可以导入 1 行，会员 1 位，积分合计 100。" in said
    status, said = await run(given, "balances", file, "--external", "crm")
    assert status == 1
    assert "什么也没有导入。共 2 行，可以导入 1 行" in said
    assert await ledger.count("account") == 0
    status, said = await run(given, "balances", file, "--external", "crm", "--skip-bad")
    assert "已导入 1 行，以前已经有的 0 行，新建会员 1 位；会员 1 位，积分合计 100。" in said
    assert await ledger.count("receipt", scope="import") == 1
    status, said = await run(given, "members", file, "--external", "crm")
    assert (status, "已导入 1 行，以前已经有的 1 行，新建会员 1 位；会员 2 位。" in said) == (0, True)
    told = await asyncio.to_thread(jifen, "export", "balances", str(tmp_path / "out.xlsx"), **given)
    assert (told.returncode, "已写出 1 行" in told.stdout) == (0, True), told.stderr
    told = await asyncio.to_thread(jifen, "export", "balances", str(tmp_path / "out.xlsx"), **given)
    assert (told.returncode, "已经有了" in told.stderr) == (1, True)
    status, said = await run(given, "members", tmp_path / "none.csv")
    assert (status, "找不到文件" in said) == (1, True)
