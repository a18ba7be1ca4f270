"""兑换偏好、活跃时段和使用频率 (N10), of all members from the facts and of one member from their own rows."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.numbers.facts import DEEDS
from loyalty.numbers.feed import shown_edition
from loyalty.numbers.sources import rule_title
from loyalty.programme.rules import RuleSet

FREQUENCY_DAYS: Final = 90
LATEST: Final = 500
"""A member's hours of activity are those of so many latest receipts."""

REDEEMED: Final = """
SELECT rule, sum(times)::bigint AS pieces, sum(points)::bigint AS points FROM daily_fact
WHERE edition = $1 AND flow = 'redeemed' AND day >= $2 AND day <= $3 GROUP BY rule ORDER BY sum(times) DESC, rule
"""
HOURS: Final = """
SELECT extract(isodow FROM day)::int AS weekday, minute / 60 AS hour, sum(times)::bigint AS acts FROM minute_fact
WHERE edition = $1 AND flow = 'acted' AND day >= $2 AND day <= $3 GROUP BY 1, 2
"""
OF_MEMBER: Final = """
SELECT item, sum(quantity)::bigint AS pieces, sum(points)::bigint AS points FROM redemption
WHERE member_id = $1 AND source = 'redeem' AND state <> 'cancelled' GROUP BY item ORDER BY sum(quantity) DESC, item
"""
HOURS_OF_MEMBER: Final = """
SELECT effective_at FROM receipt
WHERE member_id = $1 AND accepted AND (actor = 'member' OR command = ANY($3::text[])) ORDER BY no DESC LIMIT $2
"""
DAYS_OF_MEMBER: Final = """
SELECT count(DISTINCT day) AS days, max(day) AS last FROM member_day
WHERE member_id = $1 AND edition = $2 AND acts > 0 AND day > $3 AND day <= $4
"""


class Liked(NamedTuple):
    """A reward with the pieces and points that went to it, and its share of all pieces."""

    rule: str
    title: str
    pieces: int
    points: int
    share: float


Hours = Mapping[tuple[int, int], int]
"""Acts by weekday, 1 for Monday, and hour."""


class MemberHabits(NamedTuple):
    """A member's rewards, their hours, the days of the last FREQUENCY_DAYS on which they did something, and the latest of these."""

    liked: tuple[Liked, ...]
    hours: Hours
    active_days: int
    last_active: date | None


async def liked_rewards(database: asyncpg.Pool, first: date, last: date, rules: RuleSet) -> tuple[Liked, ...]:
    """The rewards by pieces redeemed in a span of days; later cancellations count."""
    return _liked(await database.fetch(REDEEMED, await shown_edition(database), first, last), rules)


async def busy_hours(database: asyncpg.Pool, first: date, last: date) -> Hours:
    """When members do something, by weekday and hour."""
    rows = await database.fetch(HOURS, await shown_edition(database), first, last)
    return {(row["weekday"], row["hour"]): row["acts"] for row in rows}


async def member_habits(
    database: asyncpg.Pool, member_id: int, today: date, rules: RuleSet, zone: ZoneInfo
) -> MemberHabits:
    """The habits of one member."""
    liked = _liked(await database.fetch(OF_MEMBER, member_id), rules)
    instants = [
        row[0].astimezone(zone) for row in await database.fetch(HOURS_OF_MEMBER, member_id, LATEST, DEEDS)
    ]
    hours = Counter((at.isoweekday(), at.hour) for at in instants)
    since = today - timedelta(days=FREQUENCY_DAYS)
    row = await database.fetchrow(DAYS_OF_MEMBER, member_id, await shown_edition(database), since, today)
    return MemberHabits(liked, hours, row["days"], row["last"])


def _liked(rows: list[asyncpg.Record], rules: RuleSet) -> tuple[Liked, ...]:
    total = sum(row["pieces"] for row in rows)
    return tuple(
        Liked(rule, rule_title(rule, rules), pieces, points, pieces / total) for rule, pieces, points in rows
    )
