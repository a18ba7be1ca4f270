"""The job that merges members who are known to be one person, where it was not possible at once."""

from datetime import datetime
from typing import Final

from loyalty.merging.run import merge_marked
from runtime.resources import Resources
from tasks.budget import Budget

PAGE_SIZE: Final = 100


async def merge_members(resources: Resources, _now: datetime) -> None:
    """Merge the marked members, in pages, until none is left or the time budget is used up. Raises EngineUnavailable."""
    budget = Budget()
    after: int | None = 0
    while after is not None and budget.has_time():
        after = await merge_marked(resources.engine, after, PAGE_SIZE)
