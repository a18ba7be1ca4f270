"""Which persons and facts a file has named so far, to find lines that say the same twice.

They are kept in a temporary database on the disk, because a set of a million keys would not leave memory steady.
"""

import sqlite3
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

KNOWN: Final = "SELECT line FROM seen WHERE key = ?"
ADD: Final = "INSERT OR IGNORE INTO seen (key, line) VALUES (?, ?)"


class Seen:
    """The keys of one pass over a file; open it with `with`."""

    def __enter__(self) -> Self:
        self._database = sqlite3.connect("", isolation_level=None)  # "": a file that nobody else sees
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._database.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def first_lines(self, named: Sequence[tuple[str, int]]) -> dict[str, int]:
        """The line that named each of these keys first, in this call or before; `named` are keys with their lines, in order."""
        lines: dict[str, int] = {}
        for key, line in named:
            lines.setdefault(key, line)
        before = self._database.total_changes
        self._database.executemany(ADD, lines.items())
        if self._database.total_changes - before == len(lines):  # no key was known, as in most files
            return lines
        return {key: self._database.execute(KNOWN, (key,)).fetchone()[0] for key in lines}
