"""The job that puts phone numbers from before into the drawers of their last four digits."""

from datetime import datetime
from functools import partial
from typing import Final

from base.sealing import KeyMissing
from loyalty.members.tails import file_tails
from runtime.resources import Resources
from tasks.budget import Budget

PAGE_SIZE: Final = 500


async def file_phone_tails(resources: Resources, _now: datetime) -> None:
    """File the numbers in pages, until none is left or the time budget is used up; nothing happens without a key.

    Raises EngineUnavailable.
    """
    budget, keyring = Budget(), resources.settings.keyring
    after: int | None = 0
    while after is not None and budget.has_time():
        try:
            after = await resources.engine.transact(
                partial(file_tails, keyring=keyring, after=after, limit=PAGE_SIZE)
            )
        except KeyMissing:
            return
