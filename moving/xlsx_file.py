"""A table in an Excel workbook.

calamine keeps the whole sheet in memory (docs/moving.md has the figures), so the file's unpacked size is limited beforehand.
It gives the results of formulas and not the formulas, which are therefore looked for in the XML.
"""

import zipfile
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, load_workbook

from moving.problems import CannotBegin
from moving.sheet import Cell, Row, Sheet, as_header, file_digest, fitted, is_empty
from moving.sheet_xml import UNREADABLE, check_extent, formula_rows

SUFFIXES: Final = (".xlsx", ".xlsm")
OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
MOST_UNPACKED_BYTES: Final = 1 << 30
MOST_PARTS: Final = 10_000
FORMULA: Final = "这一行有公式，请先复制，再选择性粘贴为数值"
MERGED: Final = "这一行有合并的单元格，请先取消合并，再把每一行填完整"


def is_workbook(path: Path) -> bool:
    """Whether the file is one that Excel wrote, by its name or its first bytes."""
    with path.open("rb") as file:
        magic = file.read(4)
    return path.suffix.lower() in (*SUFFIXES, ".xls") or magic in (b"PK\x03\x04", OLD_WORKBOOK)


def open_xlsx(path: Path, sheet: str | None = None) -> Sheet:
    """The table of a sheet, the first one unless another is named. Raises CannotBegin."""
    _check_size(path)
    try:
        workbook = load_workbook(path)
        name = _sheet_name(path, workbook, sheet)
        check_extent(path, name)
        table = workbook.get_sheet_by_name(name)
    except CalamineError as error:
        raise CannotBegin(f"{path} 读不出来，可能损坏了，或者设了打开密码。") from error
    start = next((place for place, cells in enumerate(table.iter_rows()) if not is_empty(cells)), None)
    if start is None:
        raise CannotBegin(f"{path} 的工作表『{name}』里没有内容。")
    faults = dict.fromkeys(formula_rows(path, name), FORMULA) | dict.fromkeys(_merged(table), MERGED)
    if start + 1 in faults:
        raise CannotBegin(f"{path} 的表头（第 {start + 1} 行）里有公式或合并的单元格，请改成普通的文字。")
    header = as_header(_row_at(table, start))

    def rows() -> Iterator[Row]:
        for number, cells in zip(count(1), table.iter_rows(), strict=False):
            if number > start + 1 and not is_empty(cells):
                yield fitted(Row(number, cells, faults.get(number)), len(header))

    return Sheet(
        path,
        file_digest(path, name),
        header,
        table.total_height - start - 1,
        rows,
        f"XLSX，工作表『{name}』",
    )


def _check_size(path: Path) -> None:
    """Raises CannotBegin for what is no workbook, and for one that would fill the memory when it is unpacked."""
    try:
        with zipfile.ZipFile(path) as parts:
            infos = parts.infolist()
    except UNREADABLE as error:
        raise CannotBegin(f"{path} 不是 XLSX 文件；旧的 .xls 请用 Excel 另存为 .xlsx，再导入。") from error
    if len(infos) > MOST_PARTS or sum(one.file_size for one in infos) > MOST_UNPACKED_BYTES:
        raise CannotBegin(f"{path} 解开后超过 1 GB，请拆成几个文件，或者另存为 CSV。")


def _sheet_name(path: Path, workbook: CalamineWorkbook, wanted: str | None) -> str:
    names = workbook.sheet_names
    if wanted is None and names:
        return names[0]
    if wanted not in names:
        raise CannotBegin(f"{path} 里没有工作表『{wanted}』，有：{'、'.join(names)}。")
    return wanted


def _row_at(table: CalamineSheet, place: int) -> Sequence[Cell]:
    return next(cells for number, cells in enumerate(table.iter_rows()) if number == place)


def _merged(table: CalamineSheet) -> Iterator[int]:
    """The lines of rows that have merged cells."""
    for (top, _), (bottom, _) in table.merged_cell_ranges or ():
        yield from range(top + 1, bottom + 2)
