"""The nightly audit: all invariants checked on the live database; the result is one line of the log and two metrics."""

import asyncio
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Final

import asyncpg
import structlog

from base import gauges
from loyalty.audit import Report, nightly
from loyalty.engine.auditing import Finding
from loyalty.flows import flows, total
from loyalty.ledger.calendar import business_day
from loyalty.numbers.alerts import Alert, note_alert, note_reconciled
from loyalty.numbers.snapshots import take_snapshots
from loyalty.programme.in_force.live import NoRulesPublished, rules_between
from runtime.resources import Resources

FROM_HOUR: Final = 3
UNTIL_HOUR: Final = 6
TIMEOUT_S: Final = 3 * 3600.0
LOGGED_VIOLATIONS: Final = 20
RECEIPTS_PER_NIGHT: Final = 5_000_000
"""With more receipts than this a night audits yesterday's and one part of the members; about an hour (docs/scale.md)."""
FLOW_DAYS: Final = timedelta(days=29)
CLAIM_TTL_S: Final = 2 * 86_400

log = structlog.get_logger(__name__)


class NightlyAudit:
    """One audit per night for all workers together, begun between three and six o'clock in the programme's zone.

    The worker that begins claims the night by a key in Redis. A flushed Redis may cause a second audit in one night, which
    is harmless. A worker that dies during its audit leaves the night without a result: `jifen_audit_timestamp_seconds` then
    stays at the instant of the last one.
    """

    def __init__(self) -> None:
        self._night: date | None = None

    async def __call__(self, resources: Resources, now: datetime) -> None:
        """Audit if it is time and no worker has begun tonight. After an error the next tick may try again."""
        local = now.astimezone(resources.zone)
        if local.date() == self._night or not FROM_HOUR <= local.hour < UNTIL_HOUR:
            return
        key = f"jifen:audit:{local.date()}"
        if await resources.redis.set(key, "begun", nx=True, ex=CLAIM_TTL_S):
            try:
                await _audit(resources, now)
            except Exception:
                await resources.redis.delete(key)
                raise
        self._night = local.date()


async def _audit(resources: Resources, now: datetime) -> None:
    """Audit on a pool of its own without a statement timeout, as some statements read whole tables, within TIMEOUT_S."""
    began, limit = perf_counter(), asyncio.timeout(TIMEOUT_S)
    address = resources.settings.database_url
    try:
        async with limit, asyncpg.create_pool(address, min_size=0, max_size=2, command_timeout=None) as pool:
            report = await nightly(
                pool,
                now,
                resources.settings.keyring,
                zone=resources.zone,
                receipts_per_night=RECEIPTS_PER_NIGHT,
            )
            await measure_flows(pool, resources, now)
            found = [_named(one) for one in report.violations]
            await note_reconciled(pool, business_day(now, resources.zone), found, now)
            await _take_snapshots(pool, resources, now)
    except TimeoutError:
        if not limit.expired():
            raise
        # No traceback: it would only show whichever query was running when the time ran out.
        log.error("audit_took_too_long", limit_s=TIMEOUT_S)
        return
    _report(report, now, perf_counter() - began)


async def _take_snapshots(pool: asyncpg.Pool, resources: Resources, now: datetime) -> None:
    """Compute the pages of numbers over all members, as of the end of yesterday; none before the first rules."""
    try:
        live = (await rules_between(pool, now, now, resources.zone)).at(now)
    except NoRulesPublished:
        return
    yesterday = business_day(now, resources.zone) - timedelta(days=1)
    await take_snapshots(pool, yesterday, live.rules, now)


async def measure_flows(pool: asyncpg.Pool, resources: Resources, now: datetime) -> None:
    """Set by how many times more points were issued than used in the last 30 days, and log a ratio above the settings' limit."""
    today, limit = business_day(now, resources.zone), resources.settings.issued_per_used_alert
    whole = total((await flows(pool, today - FLOW_DAYS, today, resources.zone)).values())
    if whole.ratio is None:
        return
    gauges.issued_per_used(whole.ratio, limit)
    if limit and whole.ratio > limit:
        alert = Alert(today, "ratio", "issued", whole.issued, whole.used + whole.captured - whole.returned)
        if await note_alert(pool, alert, now):
            gauges.number_alert(alert.kind)
        log.warning("issued_per_used_high", ratio=round(whole.ratio, 1), limit=limit)


def _report(report: Report, now: datetime, seconds: float) -> None:
    gauges.audited(len(report.violations), now.timestamp())
    found: dict[str, object] = {
        "accounts": report.accounts,
        "entries": report.entries,
        "receipts": report.receipts,
        "untraced": report.untraced,
        **report.recomputed,
        "seconds": round(seconds, 1),
    }
    if not report.violations:
        log.info("audit_clean", **found)
        return
    first = [_named(one) for one in report.violations[:LOGGED_VIOLATIONS]]
    log.error("audit_violations", violations=len(report.violations), first=first, **found)


def _named(one: Finding) -> str:
    return f"{one.invariant} {one.member_id}: {one.detail}"
