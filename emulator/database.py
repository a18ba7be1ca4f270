"""The emulator's database: one SQLite file, so that phones, inboxes and tokens survive a restart."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS phones (
    phone_id TEXT PRIMARY KEY, name TEXT NOT NULL, oa_openid TEXT NOT NULL UNIQUE,
    miniapp_openid TEXT NOT NULL UNIQUE, unionid TEXT, phone_number TEXT NOT NULL,
    following INTEGER NOT NULL DEFAULT 0, blocked INTEGER NOT NULL DEFAULT 0, followed_at REAL,
    subscribe_scene TEXT NOT NULL DEFAULT '', qr_scene INTEGER NOT NULL DEFAULT 0,
    qr_scene_str TEXT NOT NULL DEFAULT '', session_key TEXT);
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, phone_id TEXT NOT NULL, at REAL NOT NULL, channel TEXT NOT NULL,
    type TEXT NOT NULL, content TEXT NOT NULL, text TEXT NOT NULL, extras TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS inbox_by_phone ON inbox (phone_id, id);
CREATE TABLE IF NOT EXISTS tickets (
    ticket TEXT PRIMARY KEY, scene TEXT NOT NULL, numeric INTEGER NOT NULL, permanent INTEGER NOT NULL,
    expires_at REAL, url TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS tickets_by_scene ON tickets (scene, permanent);
CREATE TABLE IF NOT EXISTS consents (
    miniapp_openid TEXT NOT NULL, template_id TEXT NOT NULL, left_count INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (miniapp_openid, template_id));
CREATE TABLE IF NOT EXISTS codes (
    code TEXT PRIMARY KEY, purpose TEXT NOT NULL, phone_id TEXT NOT NULL, expires_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS visits (phone_id TEXT PRIMARY KEY, visited_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, app_id TEXT NOT NULL, kind TEXT NOT NULL, expires_at REAL NOT NULL,
    dies_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS token_forces (app_id TEXT NOT NULL, at REAL NOT NULL, day TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS usage (
    app_id TEXT NOT NULL, path TEXT NOT NULL, unit TEXT NOT NULL, period TEXT NOT NULL, used INTEGER NOT NULL,
    PRIMARY KEY (app_id, path, unit));
CREATE TABLE IF NOT EXISTS chat_windows (
    openid TEXT NOT NULL, kind TEXT NOT NULL, closes_at REAL NOT NULL, left_count INTEGER NOT NULL,
    PRIMARY KEY (openid, kind));
CREATE TABLE IF NOT EXISTS client_msg_ids (
    openid TEXT NOT NULL, client_msg_id TEXT NOT NULL, at REAL NOT NULL, msgid INTEGER NOT NULL,
    PRIMARY KEY (openid, client_msg_id));
CREATE TABLE IF NOT EXISTS menus (app_id TEXT PRIMARY KEY, button TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Database:
    """One connection to the SQLite file; every statement outside `transaction` commits by itself."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)

    def run(self, sql: str, *values: object) -> int:
        """Execute one statement; the number of rows it changed."""
        return self._connection.execute(sql, values).rowcount

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row, or None."""
        row: sqlite3.Row | None = self._connection.execute(sql, values).fetchone()
        return row

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """All rows."""
        return self._connection.execute(sql, values).fetchall()

    def insert(self, sql: str, *values: object) -> int:
        """Execute one INSERT; the new row's id."""
        return self._connection.execute(sql, values).lastrowid or 0

    def next_number(self, name: str, first: int) -> int:
        """The next number of a counter that starts at `first` and never repeats."""
        row = self.one(
            "INSERT INTO counters VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
            name,
            first,
        )
        if row is None:
            raise LookupError(name)
        return int(row["value"])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all statements of the block or none. Never await inside: all requests share the connection."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
