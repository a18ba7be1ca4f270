"""The job that asks WeChat again for unionids that the first request did not bring."""

import asyncio
from datetime import datetime
from typing import Final

import structlog

from runtime.resources import Resources
from tasks.budget import Budget
from wechat.errors import ApiError

PAGE_SIZE: Final = 20
"""So many requests at the same time; user/info allows five million a day."""

log = structlog.get_logger(__name__)


async def ask_unionids(resources: Resources, now: datetime) -> None:
    """Ask for the unionids that are due, in pages, until none is left, a page fails as a whole, or the time budget is used up."""
    budget = Budget()
    while budget.has_time():
        openids = await resources.unionids.due(now, PAGE_SIZE)
        answers = await asyncio.gather(
            *(resources.unionids.ask(openid, now) for openid in openids), return_exceptions=True
        )
        failed = [answer for answer in answers if isinstance(answer, BaseException)]
        for error in failed:
            if not isinstance(error, ApiError):
                raise error
        if failed:
            log.warning("unionid_lookups_failed", failed=len(failed), of=len(openids))
        if len(openids) < PAGE_SIZE or len(failed) == len(openids):
            return
