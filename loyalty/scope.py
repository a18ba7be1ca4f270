"""Which rows an audit checks: all of them, those written since an instant, or those of one part of the members."""

import re
from collections.abc import AsyncIterable
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from loyalty.engine.auditing import Check
from loyalty.schema import GRANTS
from models.placement import placement_of

MEMBERS_TABLES: Final = frozenset(table for table in GRANTS if placement_of(table).kind == "distributed")
"""The tables with a column `member_id`."""
OF_PART: Final = """
SELECT member_id, version FROM account WHERE member_id > $1 AND member_id <= $2 ORDER BY member_id
"""
SINCE: Final = """
SELECT member_id, version FROM account WHERE member_id IN (
    SELECT member_id FROM receipt WHERE posted_at >= $1::timestamptz
) ORDER BY member_id
"""


class Scope(NamedTuple):
    """All rows by default. `since`: receipts posted from that instant on, and what they wrote.

    `part` (i, n): the i-th (from 1) of n parts of the members, by their ids. Checks across members are made in any case.
    """

    since: datetime | None = None
    part: tuple[int, int] = (1, 1)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.since is None and self.part == (1, 1)


class Span(NamedTuple):
    """Members with ids above `after` and up to `until`."""

    after: int
    until: int

    @property
    def condition(self) -> str:
        """The condition in SQL."""
        return f"member_id > {int(self.after)} AND member_id <= {int(self.until)}"


async def span_of(connection: asyncpg.Connection, part: tuple[int, int]) -> Span:
    """The members of one part."""
    number, parts = part
    newest: int = await connection.fetchval("SELECT coalesce(max(member_id), 0) FROM member")
    return Span(newest * (number - 1) // parts, newest * number // parts)


def statement_of(check: Check, scope: Scope, span: Span) -> str | None:
    """The check's statement for the scope; None if what it checks is proven by deciding the scope's receipts again.

    A check within each member is narrowed to the span: common table expressions of the tables' names hide the tables.
    """
    if not check.by_member or scope.is_whole:
        return check.select
    return None if scope.since is not None else _narrowed(check.select, span)


def _narrowed(select: str, span: Span) -> str:
    tables = sorted(MEMBERS_TABLES & {*re.findall(r"\w+", select)})
    parts = ", ".join(f"{table} AS (SELECT * FROM {table} WHERE {span.condition})" for table in tables)  # noqa: S608  # names and numbers of ours
    return f"WITH {parts} SELECT * FROM ({select}) narrowed"  # noqa: S608  # our own statement


def members_of(connection: asyncpg.Connection, scope: Scope, span: Span) -> AsyncIterable[asyncpg.Record]:
    """A cursor over (member_id, version) of the members whose receipts are decided again."""
    if scope.since is not None:
        return connection.cursor(SINCE, scope.since)  # type: ignore[no-any-return]
    return connection.cursor(OF_PART, span.after, span.until)  # type: ignore[no-any-return]
