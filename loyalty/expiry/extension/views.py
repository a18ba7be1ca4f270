"""The points that a member can extend now."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import asyncpg

from loyalty.expiry.extension.decide import is_possible
from loyalty.expiry.extension.rows import EXTENSIONS
from loyalty.expiry.extension.rule import ExtensionRule
from loyalty.ledger.lots import ORDINARY
from loyalty.programme.in_force.live import LiveRules

SELECT_LOTS = """
SELECT l.expires_on, l.opens_on, l.remaining, l.expired FROM lot l
LEFT JOIN meter m ON m.member_id = l.member_id AND m.name = $5 AND m.period = to_char(l.expires_on, 'YYYY-MM-DD')
JOIN account a ON a.member_id = l.member_id AND a.status = 'open'
WHERE l.member_id = $1 AND l.terms = $2 AND l.expires_on BETWEEN $3 AND $4 AND coalesce(m.value, 0) = 0
"""


@dataclass(frozen=True)
class ExtensionOfDay:
    """`points` that are gone from `expires_on` on, or went that day, and after an extension from `extended_to` on."""

    expires_on: date
    extended_to: date
    points: int


@dataclass(frozen=True)
class ExtensionOffer:
    """The lapse days that can be extended now, soonest first, each for `price_points`; 0 costs nothing."""

    days: list[ExtensionOfDay]
    price_points: int


async def extension_offer(
    database: asyncpg.Pool, member_id: int, live: LiveRules, now: datetime
) -> ExtensionOffer | None:
    """The member's offer on the business day of `now`; None if the programme extends no points."""
    rule, today = live.rules.expiry.extension, live.day(now)
    if rule is None:
        return None
    days = [
        ExtensionOfDay(day, day + timedelta(days=rule.days), points)
        for day, points in sorted((await _points(database, member_id, rule, today)).items())
        if is_possible(rule, day, points, today)
    ]
    return ExtensionOffer(days, rule.price_points or 0)


async def _points(database: asyncpg.Pool, member_id: int, rule: ExtensionRule, today: date) -> Counter[date]:
    """Points by lapse day, whether or not what has opened or lapsed is booked."""
    first, last = today - timedelta(days=rule.late_days), today + timedelta(days=rule.within_days)
    rows = await database.fetch(SELECT_LOTS, member_id, ORDINARY, first, last, EXTENSIONS)
    points: Counter[date] = Counter()
    for row in rows:
        usable = row["remaining"] if row["opens_on"] <= today else 0
        points[row["expires_on"]] += usable + (row["expired"] if row["expires_on"] <= today else 0)
    return points
