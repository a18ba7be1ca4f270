"""Tiers as pages and APIs show them: the ladder, and where a member stands on it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from loyalty.programme.in_force.live import LiveRules
from loyalty.tiers.ladder import Goal, Goals, Measured, Metrics
from loyalty.tiers.measuring import EVER, Asked, measure
from loyalty.tiers.periods import next_review
from loyalty.tiers.rows import Span
from loyalty.tiers.rule import Tier
from loyalty.tiers.words import goal_text, goals_text, honour_text
from models.features import TierSpan
from models.ledger import Account

PERSONS = """
SELECT $1::bigint AS member_id
UNION ALL SELECT other_id FROM merged_half WHERE member_id = $1 AND split_no IS NULL
"""


SHOWN_TIERS = """
SELECT m.member_id, t.tier, a.growth FROM member m JOIN account a ON a.member_id = m.member_id
LEFT JOIN tier_span t ON t.member_id = m.member_id AND t.until IS NULL
WHERE m.member_id = ANY($1::bigint[]) AND m.title_shown
"""


@dataclass(frozen=True)
class TierView:
    """A tier. `growth` is the growth value since joining that reaches it, None where something else does."""

    id: str
    name: str
    growth: int | None
    benefits: tuple[str, ...]
    title: str | None
    badge: str | None


@dataclass(frozen=True)
class GoalView:
    """One line: its Chinese sentence, the member's number, the number it asks for, and what is missing."""

    text: str
    metric: str
    within: str
    have: int
    at_least: int
    missing: int


@dataclass(frozen=True)
class LadderTierView:
    """A tier with what reaches it and what keeps it, in Chinese and as lines; `need`: any or all of them.

    Of the member's own tier (`mine`) `review_on` is the day of the next review, if there is one.
    """

    id: str
    name: str
    growth: int | None
    benefits: tuple[str, ...]
    title: str | None
    badge: str | None
    mine: bool
    reach: str
    reach_need: str
    reach_lines: list[GoalView]
    keep: str | None
    keep_need: str | None
    keep_lines: list[GoalView]
    review_on: date | None


class Standing(NamedTuple):
    """A member's rung, their numbers by period, and the day of the next review of their tier, if there is one."""

    rung: int
    measured: Measured
    review_on: date | None


def tier_view(tier: Tier) -> TierView:
    """A tier of the rules in force."""
    return TierView(tier.id, tier.name, tier.growth, tier.benefits, tier.title, tier.badge)


async def tier_now(member_id: int, live: LiveRules) -> Tier:
    """The member's tier by the rules in force and their history."""
    span = await _span(member_id)
    account = await Account.get_or_none(member_id=member_id)
    return live.rules.ladder.tier(span.tier if span else None, account.growth if account else 0)


async def shown_titles(database: asyncpg.Pool, members: Collection[int], live: LiveRules) -> dict[int, str]:
    """The titles and badges, by member, of those who let others see them and whose tier has any."""
    rows = await database.fetch(SHOWN_TIERS, list(members))
    ladder = live.rules.ladder
    titles = {row["member_id"]: honour_text(ladder.tier(row["tier"], row["growth"])) for row in rows}
    return {member_id: title for member_id, title in titles.items() if title}


async def standing(database: asyncpg.Pool, member_id: int, live: LiveRules, now: datetime) -> Standing:
    """Where the member stands now."""
    ladder, span = live.rules.ladder, await _span(member_id)
    account = await Account.get_or_none(member_id=member_id)
    growth: int = account.growth if account else 0
    persons = [row["member_id"] for row in await database.fetch(PERSONS, member_id)]
    found = await measure(database, [Asked(member_id, persons, live.day(now))], live.zone)
    measured = found.get(member_id, {})
    measured[EVER] = measured.get(EVER, Metrics())._replace(growth=growth)
    rung = ladder.held(span.tier if span else None, growth)
    return Standing(rung, measured, _review_on(live, span) if ladder.keeping[rung] else None)


async def ladder_view(
    database: asyncpg.Pool, member_id: int, live: LiveRules, now: datetime
) -> list[LadderTierView]:
    """All tiers, lowest first, as this member sees them."""
    ladder, stands = live.rules.ladder, await standing(database, member_id, live, now)
    return [_tier(live, rung, stands) for rung in range(len(ladder.tiers))]


def goal_views(goals: Goals, measured: Measured, *, reviewed: bool = False) -> list[GoalView]:
    """The lines with the member's numbers."""
    return list(_goal_views(goals.goals, measured, reviewed=reviewed))


def _goal_views(goals: tuple[Goal, ...], measured: Measured, *, reviewed: bool) -> Iterator[GoalView]:
    for goal in goals:
        have = goal.have(measured)
        text = goal_text(goal, reviewed=reviewed)
        missing = max(goal.at_least - have, 0)
        yield GoalView(text, goal.metric, goal.within, have, goal.at_least, missing)


def _tier(live: LiveRules, rung: int, stands: Standing) -> LadderTierView:
    ladder = live.rules.ladder
    tier, reaching, keeping = ladder.tiers[rung], ladder.reaching[rung], ladder.keeping[rung]
    mine = rung == stands.rung
    return LadderTierView(
        id=tier.id,
        name=tier.name,
        growth=tier.growth,
        benefits=tier.benefits,
        title=tier.title,
        badge=tier.badge,
        mine=mine,
        reach=goals_text(reaching),
        reach_need=reaching.need,
        reach_lines=goal_views(reaching, stands.measured),
        keep=goals_text(keeping, reviewed=True) if keeping else None,
        keep_need=keeping.need if keeping else None,
        keep_lines=goal_views(keeping, stands.measured, reviewed=True) if keeping else [],
        review_on=stands.review_on if mine else None,
    )


async def _span(member_id: int) -> Span | None:
    row = await TierSpan.get_or_none(member_id=member_id, until__isnull=True)
    return Span(row.receipt_no, row.since, row.tier, row.came_from, row.why) if row else None


def _review_on(live: LiveRules, span: Span | None) -> date | None:
    review = live.rules.tier_review
    if span is None or review is None:
        return None
    return next_review(review, live.day(span.since), reviewed=span.is_reviewed)
