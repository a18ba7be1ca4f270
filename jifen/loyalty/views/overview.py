"""The member at a glance: points, growth and tier, what lapses soon, today's sign-in."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import asyncpg

from jifen.loyalty.live import LiveRules
from jifen.loyalty.rules import Tier
from jifen.loyalty.views.balance import Expiring, LotLeft, weigh
from jifen.loyalty.views.checkins import streak_kept


@dataclass(frozen=True)
class Overview:
    """`points_to_next_tier` is the growth still missing; `streak` is 0 when a day was skipped."""

    member_id: int
    nickname: str | None
    balance: int
    pending: int
    debt: int
    growth: int
    tier: Tier
    next_tier: Tier | None
    points_to_next_tier: int | None
    expiring: tuple[Expiring, ...]
    checked_in_today: bool
    streak: int


class Glance(NamedTuple):
    """A question for an overview: whose, under which rules, at which instant."""

    member_id: int
    live: LiveRules
    now: datetime


SELECT_MEMBERS = """
SELECT m.member_id, m.nickname, a.debt, a.growth, c.day, c.streak
FROM unnest($1::bigint[], $2::date[]) AS u(member_id, today)
JOIN member m ON m.member_id = u.member_id
JOIN account a ON a.member_id = u.member_id
LEFT JOIN LATERAL (
    SELECT day, streak FROM check_in WHERE member_id = u.member_id AND day <= u.today ORDER BY day DESC LIMIT 1
) c ON true
"""
SELECT_LOTS = """
SELECT member_id, expires_on, opens_on, terms, remaining FROM lot
WHERE member_id = ANY($1::bigint[]) AND remaining > 0
"""


async def overviews(pool: asyncpg.Pool, asked: Sequence[Glance]) -> list[Overview | None]:
    """Many members at a glance with two statements; None for one who is unknown."""
    latest = {glance.member_id: glance for glance in asked}
    members = sorted(latest)
    days = [latest[member_id].live.day(latest[member_id].now) for member_id in members]
    rows = {row["member_id"]: row for row in await pool.fetch(SELECT_MEMBERS, members, days)}
    lots: dict[int, list[LotLeft]] = defaultdict(list)
    for member_id, *left in await pool.fetch(SELECT_LOTS, members):
        lots[member_id].append(LotLeft(*left))
    return [
        _overview(glance, rows[glance.member_id], lots[glance.member_id])
        if glance.member_id in rows
        else None
        for glance in asked
    ]


def _overview(glance: Glance, row: asyncpg.Record, lots: Iterable[LotLeft]) -> Overview:
    rules, today = glance.live.rules, glance.live.day(glance.now)
    points = weigh(lots, row["debt"], today)
    signed_in = row["day"] == today
    tier = rules.tier_of(row["growth"])
    next_tier = rules.tier_after(tier)
    return Overview(
        member_id=glance.member_id,
        nickname=row["nickname"],
        balance=points.spendable,
        pending=points.pending,
        debt=points.debt,
        growth=row["growth"],
        tier=tier,
        next_tier=next_tier,
        points_to_next_tier=next_tier.growth - row["growth"] if next_tier else None,
        expiring=points.expiring,
        checked_in_today=signed_in,
        streak=streak_kept(row["day"], row["streak"], today),
    )
