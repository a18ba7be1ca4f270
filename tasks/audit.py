"""The audit of every night: all invariants on the live database, told in one line of the log and in the metrics."""

import asyncio
from datetime import date, datetime
from time import perf_counter
from typing import Final

import asyncpg
import structlog

from base import gauges
from loyalty.audit import Report, audit
from runtime.resources import Resources

FROM_HOUR: Final = 3
UNTIL_HOUR: Final = 6
AT_MOST_S: Final = 3 * 3600.0
SHOWN: Final = 20
KEPT_S: Final = 2 * 86_400

log = structlog.get_logger(__name__)


class Nightly:
    """Once a night for all workers together, begun between three and six by the programme's clock.

    Who begins says so in Redis; after a flush some night may have two, which harms nobody. A worker that dies over it leaves
    that night without a result, as is seen by the instant of the last one.
    """

    def __init__(self) -> None:
        self._night: date | None = None

    async def __call__(self, resources: Resources, now: datetime) -> None:
        """Audit, if it is time and nobody has. An error leaves the night open for the next tick."""
        local = now.astimezone(resources.zone)
        if local.date() == self._night or not FROM_HOUR <= local.hour < UNTIL_HOUR:
            return
        key = f"jifen:audit:{local.date()}"
        if await resources.redis.set(key, "begun", nx=True, ex=KEPT_S):
            try:
                await _audit(resources, now)
            except Exception:
                await resources.redis.delete(key)
                raise
        self._night = local.date()


async def _audit(resources: Resources, now: datetime) -> None:
    """On connections of its own, whose statements may take as long as they take; the whole no longer than AT_MOST_S."""
    began, limit = perf_counter(), asyncio.timeout(AT_MOST_S)
    address = resources.settings.database_url
    try:
        async with limit, asyncpg.create_pool(address, min_size=0, max_size=2, command_timeout=None) as pool:
            report = await audit(pool, now)
    except TimeoutError:
        if not limit.expired():
            raise
        log.error("audit_took_too_long", limit_s=AT_MOST_S)  # where it was says nothing
        return
    _tell(report, now, perf_counter() - began)


def _tell(report: Report, now: datetime, seconds: float) -> None:
    gauges.audited(len(report.violations), now.timestamp())
    found: dict[str, object] = {
        "accounts": report.accounts,
        "entries": report.entries,
        **report.recomputed,
        "seconds": round(seconds, 1),
    }
    if not report.violations:
        log.info("audit_clean", **found)
        return
    first = [f"{one.invariant} {one.member_id}: {one.detail}" for one in report.violations[:SHOWN]]
    log.error("audit_violations", violations=len(report.violations), first=first, **found)
