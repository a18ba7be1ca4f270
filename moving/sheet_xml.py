"""What calamine does not say of a sheet, from the XML in the workbook: which rows have formulas, how far the cells reach."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from xml.parsers import expat

from moving.problems import CannotBegin

UNREADABLE: Final = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, NotImplementedError, RuntimeError, EOFError, OSError, LookupError, ValueError,
)  # fmt: skip
"""What reading a damaged, encrypted or unusual workbook raises."""
BLOCK_BYTES: Final = 1 << 20
MOST_ROWS: Final = 1_048_576
MOST_CELLS: Final = 20_000_000
"""calamine keeps a rectangle around all cells: one stray cell in the last corner of a sheet would take 500 GB."""
CELL: Final = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,8})([0-9]{1,20})"')
LONGEST_CELL: Final = 256
RELATION: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships id"


def check_extent(path: Path, sheet: str) -> None:
    """Raises CannotBegin for a sheet whose cells reach too far, and for XML that cannot be read."""
    columns: set[bytes] = set()
    last, tail = 0, b""
    try:
        with zipfile.ZipFile(path) as parts:
            part = _part_of(parts, sheet)
            for block in _blocks(parts, part) if part else ():
                found = CELL.findall(tail + block)
                columns.update(column for column, _ in found)
                last = max([last, *(int(row) for _, row in found)])
                tail = block[-LONGEST_CELL:]
    except UNREADABLE as error:
        raise CannotBegin(f"{path} 读不出来，可能损坏了。") from error
    width = max((_number(column) for column in columns), default=0)
    if last > MOST_ROWS or last * width > MOST_CELLS:
        raise CannotBegin(
            f"{path} 的工作表『{sheet}』一直写到第 {last} 行、第 {width} 列，太大了："
            "请删掉表格以外的内容，或者另存为 CSV。"
        )


def _number(column: bytes) -> int:
    """The number of a column: A is 1, Z 26, AA 27."""
    number = 0
    for letter in column:
        number = number * 26 + letter - ord("A") + 1
    return number


def formula_rows(path: Path, sheet: str) -> set[int]:
    """The numbers of the rows of a sheet that have a formula. Raises CannotBegin for XML that cannot be read."""
    found: set[int] = set()
    try:
        with zipfile.ZipFile(path) as parts:
            part = _part_of(parts, sheet)
            if part is None or not _mentions(parts, part, b"<f"):
                return found
            row = [0]

            def start(name: str, attributes: dict[str, str]) -> None:
                if name.endswith(" row"):
                    row[0] = int(attributes.get("r", row[0] + 1))
                elif name.endswith(" f"):
                    found.add(row[0])

            _read(parts, part, start)
    except UNREADABLE as error:
        raise CannotBegin(f"{path} 读不出来，可能损坏了。") from error
    return found


def _part_of(parts: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the file within the workbook that has the sheet's cells."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheets(name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" sheet"):
            ids[attributes.get("name", "")] = attributes.get(RELATION, "")

    def relations(name: str, attributes: dict[str, str]) -> None:
        if name.endswith(" Relationship"):
            targets[attributes["Id"]] = attributes["Target"]

    _read(parts, "xl/workbook.xml", sheets)
    _read(parts, "xl/_rels/workbook.xml.rels", relations)
    target = targets.get(ids.get(sheet, ""))
    return None if target is None else posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")


def _mentions(parts: zipfile.ZipFile, part: str, text: bytes) -> bool:
    tail = b""
    for block in _blocks(parts, part):
        if text in tail + block:
            return True
        tail = block[-len(text) :]
    return False


def _read(parts: zipfile.ZipFile, part: str, start: Any) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse
    for block in _blocks(parts, part):
        parser.Parse(block)
    parser.Parse(b"", True)  # its only way to say that the text ends


def _refuse(*_: object) -> None:
    """Entities are declared in a DOCTYPE, and no workbook needs one."""
    raise ValueError("a workbook has no DOCTYPE")


def _blocks(parts: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    with parts.open(part) as file:
        while block := file.read(BLOCK_BYTES):
            yield block
