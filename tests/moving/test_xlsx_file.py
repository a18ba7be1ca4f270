"""Workbooks: what Excel shows is what is read; formulas, merged cells and numbers in place of days are named by their row."""

import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from moving.balances import BALANCES
from moving.opening import open_sheet
from moving.problems import CannotBegin
from tests.ledger import Ledger
from tests.moving.tables import imported, written


def workbook(path: Path) -> Path:
    """A sheet that begins at B2 as people make them, and an empty one."""
    book = xlsxwriter.Workbook(path)
    sheet, day = book.add_worksheet("余额"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(1, 1, ["会员号", "积分", "到期日"])
    sheet.write_row(2, 1, [1001, 5.0])
    sheet.write_datetime(2, 3, datetime(2026, 12, 31), day)  # noqa: DTZ001  # a workbook has no zones
    sheet.write(3, 1, "1002")
    sheet.write_formula(3, 2, "=1+1", None, 2)
    sheet.merge_range(4, 1, 5, 1, "1003")
    sheet.write(4, 2, 6)
    sheet.write_row(6, 1, ["1004", 7, 46387])
    sheet.write_row(7, 1, ["1005", True, "2026-12-31"])
    sheet.write_row(8, 1, [1.2e17, 8, ""])
    sheet.write_row(9, 1, ["1006", 9, ""])
    book.add_worksheet("空")
    book.close()
    return path


def test_what_excel_shows(tmp_path: Path) -> None:
    sheet = open_sheet(workbook(tmp_path / "t.xlsx"))
    assert sheet.header == ("会员号", "积分", "到期日")
    rows = list(sheet.rows())
    assert rows[0] == (3, [1001.0, 5.0, date(2026, 12, 31)], None)
    assert [(row.line, row.fault) for row in rows if row.fault] == [
        (4, "这一行有公式，请先复制，再选择性粘贴为数值"),
        (5, "这一行有合并的单元格，请先取消合并，再把每一行填完整"),
    ]
    assert rows == list(sheet.rows())
    assert sheet.digest != open_sheet(tmp_path / "t.xlsx", sheet="余额").digest[::-1]


async def test_rows_of_a_workbook(ledger: Ledger, tmp_path: Path) -> None:
    report = await imported(ledger, BALANCES, workbook(tmp_path / "t.xlsx"))
    assert (report.done, report.created) == (2, 2)
    assert [line for line, _ in report.first_bad] == [4, 5, 7, 8, 9]
    assert "积分 『True』 不是整数" in report.first_bad[3][1]
    assert await ledger.pool.fetch("SELECT subject FROM identity ORDER BY 1") == [("1001",), ("1006",)]


@pytest.mark.parametrize(
    ("name", "content", "sheet", "words"),
    [
        ("t.xls", b"\xd0\xcf\x11\xe0 old", None, "另存为 .xlsx"),
        ("t.xlsx", b"no workbook", None, "不是 XLSX 文件"),
        ("t.csv", b"PK\x03\x04 broken", None, "不是 XLSX 文件"),
        ("t.csv", b"", None, "是空的"),
        ("t.csv", b"a,b\n", "余额", "只有 XLSX 有工作表"),
    ],
)
def test_what_is_no_workbook(
    tmp_path: Path, name: str, content: bytes, sheet: str | None, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CannotBegin, match=words):
        open_sheet(tmp_path / name, sheet=sheet)


def test_files_that_are_none(tmp_path: Path) -> None:
    for path, words in (
        (tmp_path / "none.csv", "找不到文件"),
        (tmp_path, "不是普通的文件"),
        (Path("/dev/zero"), "不是普通的文件"),
    ):
        with pytest.raises(CannotBegin, match=words):
            open_sheet(path)
    with pytest.raises(CannotBegin, match="工作表『空』里没有内容"):
        open_sheet(workbook(tmp_path / "t.xlsx"), sheet="空")
    with pytest.raises(CannotBegin, match="没有工作表『没有』，有：余额、空"):
        open_sheet(tmp_path / "t.xlsx", sheet="没有")


def test_a_workbook_that_would_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moving.xlsx_file.MOST_UNPACKED_BYTES", 1_000)
    with pytest.raises(CannotBegin, match="解开后超过 1 GB"):
        open_sheet(workbook(tmp_path / "t.xlsx"))


@pytest.mark.parametrize(("row", "column"), [(1_048_575, 16_383), (1_048_575, 30), (5, 16_383)])
def test_a_stray_cell_far_away(tmp_path: Path, row: int, column: int) -> None:
    """The rectangle around all cells would have to fit into memory."""
    book = xlsxwriter.Workbook(tmp_path / "t.xlsx")
    sheet = book.add_worksheet("余额")
    sheet.write_row(0, 0, ["会员号", "积分"])
    sheet.write(row, column, "x")
    book.close()
    if row * column > 1_000_000:
        with pytest.raises(CannotBegin, match=f"一直写到第 {row + 1} 行、第 {column + 1} 列"):
            open_sheet(tmp_path / "t.xlsx")
    else:
        assert [one.fault for one in open_sheet(tmp_path / "t.xlsx").rows()] == [
            "这一行有 16384 个字段，表头有 2 个"
        ]


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    path, changed = workbook(tmp_path / "t.xlsx"), tmp_path / "changed.xlsx"
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(changed, "w") as after:
        for one in before.namelist():
            text = before.read(one)
            if one == "xl/workbook.xml":
                text = text.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "aaaa">]>', 1)
            after.writestr(one, text)
    with pytest.raises(CannotBegin, match="读不出来"):
        open_sheet(changed)


def test_the_report_replaces_a_link_and_not_what_it_points_to(tmp_path: Path) -> None:
    """A link that somebody has put where the report goes leads nowhere else."""
    from moving.bad_rows import BadRows

    sheet = open_sheet(written(tmp_path / "t.csv", "a,b", "1,2"))
    target = written(tmp_path / "precious.txt", "x")
    (tmp_path / "t.csv.errors.csv").symlink_to(target)
    with BadRows(sheet) as bad:
        bad.add(next(sheet.rows()), ["不对"])
    assert target.read_bytes() == b"x\r\n"
    assert not bad.path.is_symlink()
    assert bad.path.stat().st_mode & 0o077 == 0
