"""`jifen operators`: what an owner sees at the command line, and that a password is shown once."""

import re
from pathlib import Path

import pytest

from tests.ledger import Ledger
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


def test_mistakes_are_told_in_a_sentence(ledger: Ledger, given: dict[str, str]) -> None:
    for words, said in (
        (("add", "小张", "--role", "boss"), "没有「boss」这个角色"),
        (("add", "小张", "--role", "clerk"), "哪个门店"),
        (("disable", "没有这个人"), "没有名为「没有这个人」的操作员"),
    ):
        told = jifen("operators", *words, **given)
        assert told.returncode == 1
        assert said in told.stderr.replace("\n", "")
