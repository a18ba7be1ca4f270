"""How much due work waits, and for how long: what an operator watches to know that the worker keeps up."""

from datetime import datetime
from typing import Final

from base import gauges
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
"""Each table's words are those of its index of due rows."""


async def measure_backlog(resources: Resources, now: datetime) -> None:
    """Count what is due in each table of due work, at most COUNTED_AT_MOST rows of each."""
    for what, (table, waits) in QUEUES.items():
        row = await resources.pool.fetchrow(_DUE.format(table=table, waits=waits), now, COUNTED_AT_MOST)
        waited_s = (now - row["oldest"]).total_seconds() if row["rows"] else 0.0
        gauges.backlog(what, row["rows"], waited_s)
