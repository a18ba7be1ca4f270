"""Follow-ups that are still open: commands owed to other members whose process crashed before it ran them."""

from datetime import datetime
from typing import Final

from runtime.resources import Resources
from tasks.budget import Budget

PAGE_SIZE: Final = 100


async def run_follow_ups(resources: Resources, now: datetime) -> int:
    """Run the follow-ups due at `now`; returns how many were claimed. Raises EngineUnavailable."""
    budget, claimed = Budget(), 0
    while budget.has_time():
        taken = await resources.engine.run_due_follow_ups(now, PAGE_SIZE)
        claimed += taken
        if taken < PAGE_SIZE:
            break
    return claimed
