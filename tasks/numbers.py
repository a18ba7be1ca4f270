"""The jobs of numbers: carry the daily facts forward to what was booked half a minute ago, and note what stands out in them."""

from datetime import datetime

import structlog

from base import gauges
from loyalty.ledger.calendar import business_day
from loyalty.numbers.alerts import find_spikes, note_alert
from loyalty.numbers.feed import advance, editions
from runtime.resources import Resources
from tasks.budget import Budget

log = structlog.get_logger(__name__)


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


async def watch_numbers(resources: Resources, now: datetime) -> int:
    """Tell of numbers of today that are far above the usual, each once for all workers; how many are new."""
    told = 0
    for alert in await find_spikes(resources.pool, business_day(now, resources.zone)):
        if await note_alert(resources.pool, alert, now):
            gauges.number_alert(alert.kind)
            log.warning("number_stands_out", flow=alert.flow, found=alert.found, usual=alert.usual)
            told += 1
    return told
