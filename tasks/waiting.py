"""The job that ends the wait of notices: one that is of no use any more is suppressed instead of sent at the next visit."""

from datetime import datetime
from typing import Final

from channels import outbox
from runtime.resources import Resources
from tasks.budget import Budget

PAGE_SIZE: Final = 1000


async def end_waiting(resources: Resources, now: datetime) -> int:
    """Suppress the notices whose wait is over at `now`, in pages; returns how many."""
    budget, ended = Budget(), 0
    while budget.has_time():
        found = await outbox.end_waiting(resources.pool, now, PAGE_SIZE)
        ended += found
        if found < PAGE_SIZE:
            break
    return ended
