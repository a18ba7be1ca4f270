"""Rewards owed to other members that a crash left behind."""

from datetime import datetime
from typing import Final

from runtime.resources import Resources
from tasks.budget import Budget

PAGE_SIZE: Final = 100


async def settle_follow_ups(resources: Resources, now: datetime) -> int:
    """Run the commands that are owed and due at `now`; how many were taken up. Raises EngineUnavailable."""
    budget, settled = Budget(), 0
    while budget.has_time():
        taken = await resources.engine.settle_follow_ups(now, PAGE_SIZE)
        settled += taken
        if taken < PAGE_SIZE:
            break
    return settled
