"""The report of rows that were not imported, next to the file: each with its line, the reason and its cells.

It is a table like any other: with the rows corrected it can be imported itself.
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import Final, Self

from moving.columns import OWN
from moving.harmless import harmless
from moving.sheet import Row, Sheet
from moving.values import text_of

SUFFIX: Final = ".errors.csv"
MOST_SHOWN: Final = 20
"""How many rows a message names; the report has all."""


class BadRows:
    """The bad rows of one pass; open it with `with`. The report takes its place when the pass has ended, if there are any."""

    def __init__(self, sheet: Sheet) -> None:
        self.path = sheet.path.with_name(sheet.path.name + SUFFIX)
        self.count = 0
        self.first: list[tuple[int, str]] = []
        self._header = sheet.header
        self._own = {place for place, name in enumerate(sheet.header) if name in OWN}

    def __enter__(self) -> Self:
        self._file = NamedTemporaryFile(  # closed in __exit__
            "w",
            encoding="utf-8-sig",
            newline="",
            dir=self.path.parent,
            prefix=".",
            suffix=SUFFIX,
            delete=False,
        )
        self._writer = csv.writer(self._file)
        self._writer.writerow([*OWN, *(harmless(name) for name in self._header if name not in OWN)])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        written = Path(self._file.name)
        if self.count and error is None:
            written.replace(self.path)
        else:
            written.unlink()

    def add(self, row: Row, reasons: Sequence[str]) -> None:
        """Report a row, with as many cells as it has: one that lacks some must not become a good one."""
        self.count += 1
        reason = "；".join(reasons)
        if len(self.first) < MOST_SHOWN:
            self.first.append((row.line, reason))
        cells = [cell for place, cell in enumerate(row.cells) if place not in self._own]
        self._writer.writerow([row.line, harmless(reason), *(harmless(text_of(cell)) for cell in cells)])
