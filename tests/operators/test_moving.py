"""Files in and out for an operator: checked before they are booked, logged, and nothing half done (O13)."""

from pathlib import Path

import pytest

from moving.exporting import EXPORTS
from moving.problems import CannotBegin
from operators.files.exporting import TITLES, export_table
from operators.files.importing import KINDS, columns_told, go_over, header_told, open_table, report_told
from operators.operation_log.pages import Filters, list_operations
from operators.roles import NotAllowed
from tests.ledger import Ledger
from tests.operators.desks import desk_for, owner_desk

BALANCES = "会员号,积分,到期日,备注\n1001,50,2027-01-31,老\n1002,x,2027-01-31,\n1003,20,2027-01-31,\n"


def heard(_rows: int, _of: int | None) -> None:
    """Progress that nobody looks at."""


def names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


async def test_o13_a_file_is_checked_first_and_booked_once(ledger: Ledger, tmp_path: Path) -> None:
    desk, path = await desk_for(ledger, "小王", "operations"), tmp_path / "余额.csv"
    path.write_text(BALANCES, encoding="gbk")
    table = open_table("balances", path, "crm")
    assert columns_told(table).endswith("没有用到：备注。")
    dry = await go_over(desk, table, heard, apply=False)
    told = report_told(table, dry)
    assert told[0] == "这是试算，什么也没有写。共 3 行，可以导入 2 行，会员 2 位，积分合计 70。"
    assert told[1].startswith("第 3 行：")
    assert await ledger.pool.fetchval("SELECT count(*) FROM account") == 0
    assert dry.bad_path is not None
    assert "1002" in dry.bad_path.read_text("utf-8-sig")

    done = await go_over(desk, table, heard, apply=True)
    assert report_told(table, done)[0].startswith("已导入 2 行，以前已经有的 0 行，新建会员 2 位")
    again = await go_over(desk, table, heard, apply=True)
    assert (again.done, again.already) == (0, 2)
    assert await ledger.pool.fetchval("SELECT sum(available) FROM account") == 70
    rows = await list_operations(ledger.pool, Filters(action="import"))
    assert sorted(row.after["does"] for row in rows) == ["begin", "begin", "end", "end"], (
        "a dry run leaves none"
    )
    with pytest.raises(NotAllowed):
        await go_over(await desk_for(ledger, "小钱", "finance"), table, heard, apply=False)


def test_columns_are_named_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "会员.csv"
    path.write_text("编号,电话\n1,13800138001\n", encoding="utf-8")
    table = open_table("members", path, "crm", "编号=原系统会员号， 电话=ignore")
    assert dict(table.mapped.places) == {"external": 0}
    with pytest.raises(CannotBegin, match="没有 --map 写的列"):
        open_table("members", path, "crm", "无=昵称")


BAD = [
    ("balances", "余额.csv", "会员号,备注\n1,x\n", "crm", "积分"),
    ("balances", "余额.csv", "", "crm", "空的"),
    ("balances", "余额.csv", BALANCES, "CRM 1", "--external"),
    ("nothing", "余额.csv", BALANCES, "crm", "请选要导入什么"),
    ("members", "会员.csv", "会员号\n1\n", "", "哪里的号"),
]


@pytest.mark.parametrize(("kind", "name", "text", "external", "told"), BAD)
async def test_a_file_that_cannot_be_used_says_why(
    ledger: Ledger, tmp_path: Path, kind: str, name: str, text: str, external: str, told: str
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CannotBegin, match=told):
        await go_over(owner_desk(ledger), open_table(kind, path, external), heard, apply=True)


async def test_an_export_is_whole_or_not_there_and_logged(ledger: Ledger, tmp_path: Path) -> None:
    assert set(TITLES) == set(EXPORTS)
    assert header_told("balances").startswith("要有积分、一个认得出会员的号（本系统会员号、手机号、")
    assert list(KINDS) == ["members", "balances", "orders", "segments"]
    await ledger.member()
    auditor, path = await desk_for(ledger, "小审", "auditor"), tmp_path / "members.csv"
    assert await export_table(auditor, "members", path, lambda _: None) == 1
    assert len(path.read_text("utf-8-sig").splitlines()) == 2
    with pytest.raises(NotAllowed, match="完整手机号"):
        await export_table(auditor, "members", tmp_path / "x.csv", lambda _: None, whole_phones=True)
    with pytest.raises(CannotBegin):
        await export_table(auditor, "passwords", tmp_path / "x.csv", lambda _: None)

    def stop(_: int) -> None:
        raise ConnectionError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("moving.exporting.PAGE", 1)
        with pytest.raises(ConnectionError):
            await export_table(owner_desk(ledger), "members", tmp_path / "x.csv", stop, whole_phones=True)
    assert names(tmp_path) == ["members.csv"], "nothing is left of it"
    rows = await list_operations(ledger.pool, Filters(action="export"))
    assert sorted(row.after["phones"] for row in rows) == ["masked", "whole"]
