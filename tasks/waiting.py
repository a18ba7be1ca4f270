"""Notices that have waited for a visit until they were of no use any more."""

from datetime import datetime
from typing import Final

from channels import outbox
from runtime.resources import Resources
from tasks.budget import Budget

PAGE_SIZE: Final = 1000


async def end_waiting(resources: Resources, now: datetime) -> int:
    """Suppress what has waited long enough at `now`, in pages; how many there were."""
    budget, ended = Budget(), 0
    while budget.has_time():
        found = await outbox.end_waiting(resources.pool, now, PAGE_SIZE)
        ended += found
        if found < PAGE_SIZE:
            break
    return ended
