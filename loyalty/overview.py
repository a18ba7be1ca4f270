"""The overview of a member: points, growth and tier, points that lapse soon, today's sign-in."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import asyncpg

from loyalty.checkin.rows import STREAK
from loyalty.checkin.views import streak_kept
from loyalty.ledger.balance import Expiring, LotLeft, Opening, weigh
from loyalty.ledger.calendar import business_day
from loyalty.programme.in_force.live import RULES_IN_FORCE, LiveRules, in_force, live_by_digest
from loyalty.tiers.rule import Tier


class Overview(NamedTuple):
    """`points_to_next_tier` is the growth still missing, if any; `streak` is 0 when a day was skipped."""

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
    opening: tuple[Opening, ...] = ()


GLANCE = f"""
SELECT m.member_id, m.nickname, a.debt, a.growth, t.tier, c.day, c.streak, l.expires_on, l.opens_on, l.terms, l.remaining,
    r.id AS rule_version, r.digest
FROM member m JOIN account a ON a.member_id = m.member_id
LEFT JOIN LATERAL (
    SELECT day, {STREAK} AS streak FROM check_in c WHERE member_id = m.member_id AND day <= $2::date ORDER BY day DESC LIMIT 1
) c ON true
LEFT JOIN LATERAL (
    SELECT array_agg(expires_on) AS expires_on, array_agg(opens_on) AS opens_on, array_agg(terms) AS terms,
        array_agg(remaining) AS remaining
    FROM lot WHERE member_id = m.member_id AND remaining > 0
) l ON true
LEFT JOIN tier_span t ON t.member_id = m.member_id AND t.until IS NULL
{RULES_IN_FORCE}"""  # noqa: S608  # our own text
BY_MEMBER = f"""
SELECT s.member_id AS asked, s.* FROM (
    {GLANCE} WHERE m.member_id = ANY($1::bigint[])
) s
"""  # noqa: S608  # our own text
BY_SESSION = f"""
WITH visitor AS MATERIALIZED (
    SELECT token_hash, member_id FROM session WHERE token_hash = ANY($1::bytea[]) AND expires_at > $3
), seen AS MATERIALIZED (
    {GLANCE} WHERE m.member_id IN (SELECT member_id FROM visitor)
)
SELECT v.token_hash AS asked, s.* FROM visitor v JOIN seen s ON s.member_id = v.member_id
"""  # noqa: S608  # our own text


class Glance(NamedTuple):
    """A member's row at an instant, and the rules in force then; `live` is None if there are none yet."""

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
    """Many members by one statement: BY_MEMBER with member ids, or BY_SESSION with token hashes. None for an unknown one."""
    newest = max(instants)
    asked = [(one, business_day(instant, zone)) for one, instant in zip(whose, instants, strict=True)]
    found: dict[tuple[object, date], Glance] = {}
    for today in {
        day for _, day in asked
    }:  # one statement per business day: two around midnight, otherwise one
        rows = await database.fetch(statement, [one for one, day in asked if day == today], today, newest)
        live = await live_by_digest(database, rows, zone)
        for row in rows:
            found[row["asked"], today] = Glance(row["member_id"], live.get(row["digest"]), row, today)
    return [found.get(one) for one in asked]


def _overview(row: asyncpg.Record, live: LiveRules, today: date) -> Overview:
    rules, growth = live.rules, row["growth"]
    points = weigh(_lots(row), row["debt"], today)
    rung = rules.ladder.held(row["tier"], growth)
    next_tier = rules.tiers[rung + 1] if rung + 1 < len(rules.tiers) else None
    return Overview(
        member_id=row["member_id"],
        nickname=row["nickname"],
        balance=points.spendable,
        pending=points.pending,
        debt=points.debt,
        growth=growth,
        tier=rules.tiers[rung],
        next_tier=next_tier,
        points_to_next_tier=_missing(next_tier, growth),
        expiring=points.expiring,
        checked_in_today=row["day"] == today,
        streak=streak_kept(row["day"], row["streak"], today),
        opening=points.opening,
    )


def _missing(tier: Tier | None, growth: int) -> int | None:
    """The growth still missing for a tier; None where growth since joining does not decide, or is there already."""
    if tier is None or tier.growth is None or tier.growth <= growth:
        return None
    return tier.growth - growth


def _lots(row: asyncpg.Record) -> Iterator[LotLeft]:
    if row["remaining"] is None:
        return iter(())
    return map(LotLeft, row["expires_on"], row["opens_on"], row["terms"], row["remaining"])
