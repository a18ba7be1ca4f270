"""The delivery job: send the due notices, LANES at a time, until none is left or the time budget is used up."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Final

import structlog

from channels import outbox
from channels.delivery import deliver
from channels.faults import OpenFaults
from channels.outbox import LeaseLost, NoticeKey, Verdict
from channels.sending import Senders
from loyalty.programme.in_force.live import LiveRules
from runtime.resources import Resources
from tasks.budget import Budget
from tasks.faults import tend_faults

PAGE_SIZE: Final = 40
LANES: Final = 4

log = structlog.get_logger(__name__)


async def deliver_notices(resources: Resources, now: datetime) -> int:
    """Send the notices due at `now`; returns how many were settled. Concurrent runs are safe: a lease gives each row one sender.

    Notices that need what is faulty at WeChat wait for its end. Raises NoRulesPublished.
    """
    senders, live = senders_of(resources), await resources.directory.rules(now)
    faulty = await tend_faults(senders, live, now)
    budget, settled = Budget(), 0
    while budget.has_time():
        page = await outbox.due(senders.pool, now, PAGE_SIZE)
        if not page:
            break
        for start in range(0, len(page), LANES):
            if not budget.has_time():
                break
            lanes = [_handle(senders, live, key, now, faulty) for key in page[start : start + LANES]]
            verdicts = await _all_of(lanes)
            settled += sum(verdict is not None for verdict in verdicts)
    return settled


async def _all_of(lanes: Sequence[Awaitable[Verdict | None]]) -> list[Verdict | None]:
    """Await all, so that no send goes on unawaited after an error of another; then raise the first error."""
    verdicts: list[Verdict | None] = []
    for answer in await asyncio.gather(*lanes, return_exceptions=True):
        if isinstance(answer, BaseException):
            raise answer
        verdicts.append(answer)
    return verdicts


async def _handle(
    senders: Senders, live: LiveRules, key: NoticeKey, now: datetime, faulty: OpenFaults
) -> Verdict | None:
    """Claim and deliver one notice; None when another worker has it, or its lease ended in the middle of a send."""
    notice = await outbox.claim(senders.pool, key, now)
    if notice is None:
        if await outbox.give_up_lost(senders.pool, key, now):
            log.warning("notice_outcome_unknown", kind=key.kind, member_id=key.member_id)
        return None
    try:
        return await deliver(senders, live, notice, now, faulty)
    except LeaseLost:
        log.warning("notice_lease_lost", kind=key.kind, member_id=key.member_id)
    return None


def senders_of(resources: Resources) -> Senders:
    """The resources of this process that sending needs."""
    return Senders(
        pool=resources.pool,
        windows=resources.windows,
        official_account=resources.official_account,
        mini_program=resources.mini_program,
    )
