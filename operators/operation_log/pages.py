"""Pages of the operation log, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg
import orjson

from operators.log import Operation

SELECT: Final = """
SELECT member_id, id, at, operator, role, origin, action, subject, before::text AS before, after::text AS after, reason
FROM operation WHERE {where} ORDER BY at DESC, member_id DESC, id DESC LIMIT {limit}
"""
CONDITIONS: Final[Mapping[str, str]] = {
    "operator": "operator = {}", "action": "action = {}", "member_id": "member_id = {}::bigint", "since": "at >= {}",
    "until": "at < {}",
}  # fmt: skip
"""Only the conditions of a page stand in its statement, so that its plan may use their index for any operator or action."""
BELOW: Final = "(at, member_id, id) < ({}::timestamptz, {}::bigint, {}::text)"


class After(NamedTuple):
    """The last row of a page; the next page begins below it."""

    at: datetime
    member_id: int
    id: str


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a page of the log is limited to; None for no limit. From `since` on, before `until`."""

    operator: str | None = None
    action: str | None = None
    member_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING: Final = Filters()


async def list_operations(
    pool: asyncpg.Pool, filters: Filters = EVERYTHING, after: After | None = None, *, limit: int = 50
) -> list[Operation]:
    """A page of the log, newest first, below the row `after`."""
    wanted = [(name, getattr(filters, name)) for name in CONDITIONS if getattr(filters, name) is not None]
    where = [CONDITIONS[name].format(f"${place}") for place, (name, _) in enumerate(wanted, 1)]
    values = [value for _, value in wanted]
    if after is not None:
        where.append(BELOW.format(*(f"${len(values) + place}" for place in (1, 2, 3))))
        values += after
    statement = SELECT.format(where=" AND ".join(where) or "true", limit=int(limit))
    rows = await pool.fetch(statement, *values)
    return [_operation(row) for row in rows]


def _operation(row: asyncpg.Record) -> Operation:
    values = dict(row)
    jsons = {name: orjson.loads(values.pop(name)) for name in ("before", "after")}
    return Operation(**values, **jsons)
