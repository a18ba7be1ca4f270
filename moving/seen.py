"""Which persons and facts a file has named so far, to find lines that say the same twice.

They are kept in a temporary database on the disk, because a set of a million keys would not leave memory steady.
"""

import sqlite3
from types import TracebackType
from typing import Self

ADD = "INSERT OR IGNORE INTO seen (key, line) VALUES (?, ?)"
FIRST_LINE = "SELECT line FROM seen WHERE key = ?"


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

    def first_line(self, key: str, line: int) -> int:
        """The line that named the key first; that is `line` if none did before."""
        self._database.execute(ADD, (key, line))
        found: int = self._database.execute(FIRST_LINE, (key,)).fetchone()[0]
        return found
