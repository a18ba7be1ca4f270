"""The backlog: how many due rows wait for the worker, and for how long. Operators watch it to see that the worker keeps up."""

from collections import Counter
from datetime import datetime
from typing import Final, NamedTuple

import asyncpg

from base import gauges
from channels.faults import open_faults
from channels.outbox import holds_any
from runtime.resources import Resources

COUNTED_AT_MOST: Final = 10_000
_DUE: Final = """
SELECT count(*) AS rows, min(due_at) AS oldest
FROM (SELECT due_at FROM {table} WHERE {waits} AND due_at <= $1 ORDER BY due_at LIMIT $2) AS due
"""
QUEUES: Final = {
    "notices": ("notice", "state IN ('due', 'sending')"),
    "late_replies": ("late_reply", "state IN ('due', 'sending')"),
    "follow_ups": ("follow_up", "done_at IS NULL"),
}
"""Per queue: its table, and the condition of the table's index of due rows, repeated so that the index is used."""


class Waiting(NamedTuple):
    """How many rows of a queue are due, and for how long the first of them has waited."""

    rows: int
    waited_s: float


async def backlog(pool: asyncpg.Pool, now: datetime) -> dict[str, Waiting]:
    """What is due in each queue, counting at most COUNTED_AT_MOST rows."""
    found = {}
    for queue, (table, waits) in QUEUES.items():
        row = await pool.fetchrow(_DUE.format(table=table, waits=waits), now, COUNTED_AT_MOST)
        found[queue] = Waiting(row["rows"], (now - row["oldest"]).total_seconds() if row["rows"] else 0.0)
    return found


async def measure_backlog(resources: Resources, now: datetime) -> None:
    """Set the backlog metrics of each queue, and those of faults at WeChat."""
    for queue, waiting in (await backlog(resources.pool, now)).items():
        gauges.backlog(queue, waiting.rows, waiting.waited_s)
    scopes: Counter[str] = Counter()
    for fault in await open_faults(resources.pool):
        if await holds_any(resources.pool, fault.target):
            scopes["quota" if fault.is_spent_quota else fault.scope] += 1
    for scope in ("account", "api", "template", "quota"):
        gauges.wechat_faults(scope, scopes[scope])
