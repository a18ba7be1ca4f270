"""The member at a glance: points, growth and tier, what lapses soon, today's sign-in."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.checkin.views import streak_kept
from loyalty.ledger.balance import Expiring, LotLeft, weigh
from loyalty.ledger.calendar import business_day
from loyalty.programme.live import RULES_IN_FORCE, LiveRules, in_force, live_by_digest
from loyalty.tiers import Tier, tiers_at


class Overview(NamedTuple):
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


SELECT = """
SELECT u.place, m.member_id, m.nickname, a.debt, a.growth, c.day, c.streak, l.lots, r.id AS rule_version, r.digest
FROM {asked}
JOIN member m ON m.member_id = {member_id}
JOIN account a ON a.member_id = m.member_id
LEFT JOIN LATERAL (
    SELECT day, streak FROM check_in WHERE member_id = m.member_id AND day <= u.today ORDER BY day DESC LIMIT 1
) c ON true
LEFT JOIN LATERAL (
    SELECT array_agg(ROW(expires_on, opens_on, terms, remaining)) AS lots FROM lot
    WHERE member_id = m.member_id AND remaining > 0
) l ON true
{in_force}"""
BY_MEMBER = SELECT.format(
    in_force=RULES_IN_FORCE,
    asked="unnest($1::bigint[], $2::date[]) WITH ORDINALITY AS u(member_id, today, place)",
    member_id="u.member_id",
)
BY_SESSION = SELECT.format(
    in_force=RULES_IN_FORCE,
    asked="unnest($1::bytea[], $2::date[]) WITH ORDINALITY AS u(token_hash, today, place)"
    " JOIN session s ON s.token_hash = u.token_hash AND s.expires_at > $3",
    member_id="s.member_id",
)


class Glance(NamedTuple):
    """A member at an instant, under the rules then in force; None where there are none yet."""

    member_id: int
    live: LiveRules | None
    row: asyncpg.Record
    today: date

    @property
    def overview(self) -> Overview:
        """The member's points, tier and sign-in. Raises NoRulesPublished."""
        return _overview(self.row, in_force(self.live), self.today)


async def glances(
    database: asyncpg.Pool,
    statement: str,
    whose: Sequence[object],
    instants: Sequence[datetime],
    zone: ZoneInfo,
) -> list[Glance | None]:
    """Many members with one statement (BY_MEMBER: ids; BY_SESSION: token hashes); None for one who is unknown."""
    newest = max(instants)
    days = [business_day(instant, zone) for instant in instants]
    found: list[Glance | None] = [None] * len(whose)
    rows = await database.fetch(statement, whose, days, newest)
    live = await live_by_digest(database, rows, zone)
    for row in rows:
        place = row["place"] - 1
        found[place] = Glance(row["member_id"], live.get(row["digest"]), row, days[place])
    return found


def _overview(row: asyncpg.Record, live: LiveRules, today: date) -> Overview:
    rules, growth = live.rules, row["growth"]
    points = weigh(map(LotLeft._make, row["lots"] or ()), row["debt"], today)
    tier, next_tier = tiers_at(rules.tiers, growth)
    return Overview(
        member_id=row["member_id"],
        nickname=row["nickname"],
        balance=points.spendable,
        pending=points.pending,
        debt=points.debt,
        growth=growth,
        tier=tier,
        next_tier=next_tier,
        points_to_next_tier=next_tier.growth - growth if next_tier else None,
        expiring=points.expiring,
        checked_in_today=row["day"] == today,
        streak=streak_kept(row["day"], row["streak"], today),
    )
