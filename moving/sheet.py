"""A table in a file, whatever its format: a header, and rows that can be read as often as wanted."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from moving.problems import CannotBegin

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta
BLOCK_BYTES: Final = 1 << 20


class Row(NamedTuple):
    """A row of the table: the line on which it begins, its cells, and what is wrong with the row as such, in Chinese.

    A row without a fault has as many cells as the header.
    """

    line: int
    cells: Sequence[Cell]
    fault: str | None = None


@dataclass(frozen=True)
class Sheet:
    """An open table. `digest` is the SHA-256, in hex, that names it in the ledger; `about` so many rows are expected.

    `rows()` reads the table from its start, without the header and without empty rows.
    """

    path: Path
    digest: str
    header: tuple[str, ...]
    about: int
    rows: Callable[[], Iterator[Row]]
    kind: str


def is_empty(cells: Sequence[Cell]) -> bool:
    """Whether nothing but spaces stands in the cells."""
    return all(isinstance(cell, str) and not cell.strip() for cell in cells)


def as_header(cells: Sequence[Cell]) -> tuple[str, ...]:
    """The names of the columns, without the empty ones at the end."""
    names = [str(cell).replace("\ufeff", "").strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def fitted(row: Row, width: int) -> Row:
    """The row with `width` cells: empty cells beyond are dropped, and a fault says if there are too few or too many."""
    if row.fault is None and len(row.cells) == width:
        return row
    cells = list(row.cells)
    while len(cells) > width and is_empty(cells[-1:]):
        cells.pop()
    if row.fault is None and len(cells) != width:
        return Row(row.line, cells, f"这一行有 {len(cells)} 个字段，表头有 {width} 个")
    return Row(row.line, cells, row.fault)


def file_digest(path: Path, part: str = "") -> str:
    """The SHA-256 of a file, and of the name of the part of it that is read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    if part:
        digest.update(b"\0" + part.encode())
    return digest.hexdigest()


def require_file(path: Path) -> None:
    """Raises CannotBegin unless there is an ordinary file with something in it."""
    if not path.exists():
        raise CannotBegin(f"找不到文件 {path}。")
    if not path.is_file():
        raise CannotBegin(f"{path} 不是普通的文件。")
    if path.stat().st_size == 0:
        raise CannotBegin(f"{path} 是空的。")
