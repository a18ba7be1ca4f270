"""The job of numbers: carry the daily facts forward to what was booked half a minute ago."""

from datetime import datetime

from loyalty.numbers.feed import advance, editions
from runtime.resources import Resources
from tasks.budget import Budget


async def count_numbers(resources: Resources, now: datetime) -> int:
    """Count the receipts that no fact has counted yet, in every edition; how many. Concurrent runs are safe."""
    budget, counted = Budget(), 0
    for edition in await editions(resources.pool):
        while budget.has_time():
            step = await advance(resources.pool, edition, now, resources.zone)
            counted += step.receipts
            if step.at_end:
                break
    return counted
