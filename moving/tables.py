"""Writing a table into a CSV or XLSX file, row by row, in steady memory. The file takes its place when it is complete."""

import csv
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import Final, Protocol, TypeAlias

import xlsxwriter

from moving.harmless import harmless
from moving.problems import CannotBegin

Value: TypeAlias = str | int | Decimal | date | None
MOST_ROWS: Final = 1_048_576
"""The rows of an Excel sheet, the header included."""


class Table(Protocol):
    """A file under way."""

    def write(self, row: Sequence[Value]) -> None:
        """Add a row."""

    def close(self) -> None:
        """Complete the file."""


class TooManyRows(CannotBegin):
    """An Excel sheet has no room for more rows."""


class CsvTable:
    """CSV in UTF-8 with a BOM, without which Excel takes Chinese for another encoding; texts that would run are made harmless."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)

    def write(self, row: Sequence[Value]) -> None:
        """Add a row."""
        self._writer.writerow([harmless(one) if isinstance(one, str) else one for one in row])

    def close(self) -> None:
        """Complete the file."""
        self._file.close()


class XlsxTable:
    """A workbook with one sheet. Texts are written as texts, which Excel never runs."""

    def __init__(self, path: Path) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet()
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._rows = 0

    def write(self, row: Sequence[Value]) -> None:
        """Add a row. Raises TooManyRows."""
        if self._rows == MOST_ROWS:
            raise TooManyRows(f"一张 Excel 工作表最多 {MOST_ROWS:,} 行，请写成 .csv。")
        for place, one in enumerate(row):
            if isinstance(one, date) and not isinstance(one, datetime):
                self._sheet.write_datetime(self._rows, place, one, self._day)
            elif isinstance(one, int | Decimal):
                self._sheet.write_number(self._rows, place, one)
            elif one is not None:
                self._sheet.write_string(self._rows, place, str(one))
        self._rows += 1

    def close(self) -> None:
        """Complete the file."""
        self._book.close()


MAKERS: Final[dict[str, Callable[[Path], Table]]] = {".csv": CsvTable, ".xlsx": XlsxTable}


class NewFile:
    """A file that appears whole or not at all, readable by its owner alone; open it with `with`, which gives the table."""

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        """Raises CannotBegin for another kind of file, a missing folder, and one that is there already unless `overwrite`."""
        if path.suffix.lower() not in MAKERS:
            raise CannotBegin(f"{path} 应以 .csv 或 .xlsx 结尾。")
        if not path.parent.is_dir():
            raise CannotBegin(f"没有文件夹 {path.parent}。")
        if path.is_dir() or (path.exists() and not overwrite):
            raise CannotBegin(f"{path} 已经有了，要换掉它请加 --overwrite。")
        self.path = path

    def __enter__(self) -> Table:
        with NamedTemporaryFile(
            dir=self.path.parent, prefix=".", suffix=self.path.suffix, delete=False
        ) as made:
            self._written = Path(made.name)
        self._table = MAKERS[self.path.suffix.lower()](self._written)
        return self._table

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._table.close()
        if error is None:
            self._written.replace(self.path)
        else:
            self._written.unlink()
