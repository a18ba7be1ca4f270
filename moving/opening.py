"""Opening a file as a table."""

from pathlib import Path

from moving.csv_file import open_csv
from moving.problems import CannotBegin
from moving.sheet import Sheet, require_file
from moving.xlsx_file import is_workbook, open_xlsx


def open_sheet(path: Path, encoding: str = "auto", sheet: str | None = None) -> Sheet:
    """The table in a CSV or XLSX file; `sheet` names one of a workbook. Raises CannotBegin."""
    require_file(path)
    if is_workbook(path):
        return open_xlsx(path, sheet)
    if sheet is not None:
        raise CannotBegin("只有 XLSX 有工作表，CSV 请去掉 --sheet。")
    return open_csv(path, encoding)
