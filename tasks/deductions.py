"""The job that returns points to members whose hold has passed its deadline."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import asyncpg

from loyalty.deductions.commands import ReleaseHold
from runtime.resources import Resources
from tasks.budget import Budget
from tasks.sweeps import run_page

PAGE_SIZE: Final = 256
LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
SELECT_DUE: Final = """
SELECT deadline, member_id, receipt_no FROM hold
WHERE state = 'open' AND deadline <= $1 AND (deadline, member_id, receipt_no) > ($2, $3, $4)
ORDER BY deadline, member_id, receipt_no LIMIT $5
"""


async def release_holds(resources: Resources, now: datetime) -> None:
    """Release the holds whose deadline has come, in pages, until none is left or the time budget is used up.

    A hold that cannot be released does not stop the ones after it; the next tick meets it again. Raises EngineUnavailable.
    """
    budget = Budget()
    after: tuple[datetime, int, int] = (LONG_AGO, 0, 0)
    while budget.has_time():
        due: Sequence[asyncpg.Record] = await resources.pool.fetch(SELECT_DUE, now, *after, PAGE_SIZE)
        await run_page(resources.engine, [_release(row, now) for row in due])
        if len(due) < PAGE_SIZE:
            return
        after = tuple(due[-1])


def _release(row: asyncpg.Record, now: datetime) -> ReleaseHold:
    """The key names the hold alone: it lapses once."""
    number = row["receipt_no"]
    return ReleaseHold(
        member_id=row["member_id"], request_key=f"job:release_hold|{number}", at=now, actor="system", hold=number, why="lapsed"
    )  # fmt: skip
