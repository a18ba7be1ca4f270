"""The job that tells members of worse rules: one notice per member and version, for all who had joined by its publication."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Final

import asyncpg

from loyalty.rule_change import AnnounceRules, worse_versions
from runtime.resources import Resources
from tasks.sweeps import START, Cursor, run_due

_UNTOLD: Final = """
SELECT $1::date AS page_of, m.member_id, a.status = 'open' AND NOT EXISTS (
    SELECT FROM notice n WHERE n.member_id = m.member_id AND n.kind = 'rule_change' AND n.key = $3
) AS due
FROM member m JOIN account a ON a.member_id = m.member_id
WHERE m.member_id > $2 AND m.joined_at <= $4 ORDER BY m.member_id LIMIT $5
"""


class RuleAnnouncements:
    """The job with its cursors: how far each version has come, or None when everybody has been told.

    A worker that restarts begins each version again, which changes nothing, because the fact of a command is the version.
    """

    def __init__(self) -> None:
        self._cursors: dict[int, Cursor | None] = {}

    async def __call__(self, resources: Resources, now: datetime) -> None:
        """Go on with each version. After an error its cursor stays, so that the next tick repeats this tick's pages."""
        for row in await worse_versions(resources.pool, now):
            after = self._cursors.get(row["version"], START)
            if after is not None:
                self._cursors[row["version"]] = await _announce(resources, now, row, after)


async def _announce(
    resources: Resources, now: datetime, version: asyncpg.Record, after: Cursor
) -> Cursor | None:
    number, since = version["version"], version["effective_from"]
    return await run_due(
        resources.engine,
        after,
        partial(_page, resources, str(number), version["published_at"]),
        lambda row: AnnounceRules(
            member_id=row["member_id"], request_key=f"job:rule_change|{number}", at=now, actor="system",
            version=number, effective_from=since,
        ),
    )  # fmt: skip


async def _page(
    resources: Resources, key: str, published_at: datetime, after: Cursor, limit: int
) -> Sequence[asyncpg.Record]:
    rows: Sequence[asyncpg.Record] = await resources.pool.fetch(
        _UNTOLD, date.min, after[1], key, published_at, limit
    )
    return rows
