"""The jobs of numbers: carry the daily facts forward to what was booked half a minute ago, and note what stands out in them."""

from datetime import datetime

import structlog

from base import gauges
from loyalty.ledger.calendar import business_day
from loyalty.numbers.alerts import Alert, find_spikes, note_alert
from loyalty.numbers.feed import advance, editions
from loyalty.numbers.odds import odds_tables
from loyalty.programme.in_force.live import NoRulesPublished, rules_between
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


async def watch_odds(resources: Resources, now: datetime) -> int:
    """Tell of tables of odds that the draws speak against, each once for ever; how many are new."""
    try:
        live = (await rules_between(resources.pool, now, now, resources.zone)).at(now)
    except NoRulesPublished:
        return 0
    told = 0
    for table in await odds_tables(resources.pool, live.rules):
        if table.told is not None or not table.is_against_odds:
            continue
        alert = Alert(business_day(now, resources.zone), "odds", table.subject, table.draws, 0)
        if await note_alert(resources.pool, alert, now):
            gauges.number_alert(alert.kind)
            log.error(
                "draws_against_odds", wheel=table.wheel, odds_version=table.odds_version, draws=table.draws
            )
            told += 1
    return told


async def watch_numbers(resources: Resources, now: datetime) -> int:
    """Tell of numbers of today that are far above the usual, each once for all workers; how many are new."""
    told = 0
    for alert in await find_spikes(resources.pool, business_day(now, resources.zone)):
        if await note_alert(resources.pool, alert, now):
            gauges.number_alert(alert.kind)
            log.warning("number_stands_out", flow=alert.flow, found=alert.found, usual=alert.usual)
            told += 1
    return told
