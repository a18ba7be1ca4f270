"""What each page of numbers reads, as a table. Imported only when a page is shown, because the reads import the whole programme."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Final, NamedTuple

import asyncpg

from base.settings import Settings
from loyalty.numbers.alerts import alerts
from loyalty.numbers.cohorts import cohorts, funnel
from loyalty.numbers.comparing import ranked_campaigns
from loyalty.numbers.habits import busy_hours, liked_rewards
from loyalty.numbers.liability import costs, outstanding
from loyalty.numbers.members import matrix, rates, roi
from loyalty.numbers.odds import odds_tables
from loyalty.numbers.overview import overview
from loyalty.numbers.page_sheets import (
    alerts_sheet,
    cohorts_sheet,
    costs_sheet,
    funnel_sheet,
    hours_sheet,
    liability_sheet,
    liked_sheet,
    matrix_sheet,
    months_back,
    odds_sheet,
    overview_sheet,
    ranking_sheet,
    rates_sheet,
    stale_sheet,
)
from loyalty.numbers.reports import by_dimension
from loyalty.numbers.sheets import Sheet
from loyalty.numbers.stale import stale
from loyalty.programme.rules import RuleSet
from operators.views.stock import list_stock


class Asked(NamedTuple):
    """What a page reads with: the pool, the span of days, the rules in force, the instant, and the settings."""

    pool: asyncpg.Pool
    first: date
    last: date
    rules: RuleSet
    now: datetime
    settings: Settings


Read = Callable[[Asked], Awaitable[Sheet]]


async def _overview(asked: Asked) -> Sheet:
    return overview_sheet(await overview(asked.pool, asked.now, asked.settings.timezone))


async def _members(asked: Asked) -> Sheet:
    figures = asked.rules.figures
    found = await rates(asked.pool, asked.first, asked.last, figures.activity)
    whole = (await by_dimension(asked.pool, asked.first, asked.last, "month", asked.rules)).whole
    return rates_sheet(found, roi(whole, figures.point_cost_fen))


async def _segments(asked: Asked) -> Sheet:
    return matrix_sheet(await matrix(asked.pool, asked.last, asked.rules), asked.rules)


async def _cohorts(asked: Asked) -> Sheet:
    return cohorts_sheet(await cohorts(asked.pool, months_back(asked.last, 12), asked.last))


async def _funnel(asked: Asked) -> Sheet:
    return funnel_sheet(await funnel(asked.pool, months_back(asked.last, 12), asked.last))


async def _stale(asked: Asked) -> Sheet:
    cheapest = min((one.price_points for one in asked.rules.rewards), default=None)
    found = await stale(asked.pool, asked.last, asked.rules.figures, cheapest)
    return stale_sheet(found, asked.rules.figures)


async def _liability(asked: Asked) -> Sheet:
    return liability_sheet(await outstanding(asked.pool, asked.rules.figures.point_cost_fen))


async def _costs(asked: Asked) -> Sheet:
    return costs_sheet(await costs(asked.pool, asked.first, asked.last), asked.rules)


async def _ranking(asked: Asked) -> Sheet:
    return ranking_sheet(await ranked_campaigns(asked.pool, asked.first, asked.last, asked.rules))


async def _liked(asked: Asked) -> Sheet:
    return liked_sheet(await liked_rewards(asked.pool, asked.first, asked.last, asked.rules))


async def _hours(asked: Asked) -> Sheet:
    return hours_sheet(await busy_hours(asked.pool, asked.first, asked.last))


async def _alerts(asked: Asked) -> Sheet:
    return alerts_sheet(await alerts(asked.pool, asked.first, asked.last))


async def _stock(asked: Asked) -> Sheet:
    found = await list_stock(asked.pool, asked.rules)
    rows = ((one.name, "不限" if one.stocked is None else one.stocked, one.taken, one.left) for one in found)
    return Sheet(("奖品", "总数", "已领走", "还剩"), tuple(rows))


async def _odds(asked: Asked) -> Sheet:
    return odds_sheet(await odds_tables(asked.pool, asked.rules))


READS: Final[Mapping[str, Read]] = {
    "overview": _overview,
    "members": _members,
    "segments": _segments,
    "cohorts": _cohorts,
    "funnel": _funnel,
    "stale": _stale,
    "liability": _liability,
    "costs": _costs,
    "ranking": _ranking,
    "liked": _liked,
    "hours": _hours,
    "alerts": _alerts,
    "stock": _stock,
    "odds": _odds,
}
"""The reads by the names of their commands (number_pages.PAGES)."""
