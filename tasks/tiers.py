"""The jobs of tiers: set those that growth has reached, review those whose day has come, and warn before a review.

They page by member: each sweep reads the accounts, or the open spans, once a day. Without the section `tier_review` there is
nothing to do.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from loyalty.ledger.calendar import day_start
from loyalty.programme.in_force.live import LiveRules
from loyalty.tiers.commands import ReviewTier, SetTier, WarnTier
from loyalty.tiers.ladder import Ladder
from loyalty.tiers.periods import latest_since, next_review, review_due
from loyalty.tiers.rule import TierReview
from runtime.resources import Resources
from tasks.sweeps import START, Cursor, run_due

# $1 and $2 are parallel arrays: for each tier its id and the least growth value that reaches it or a higher one by itself.
_REACHED: Final = """
SELECT $3::date AS page, a.member_id, a.status = 'open' AND (
    SELECT count(*) FROM unnest($2::bigint[]) AS t(line) WHERE t.line <= a.growth
) > coalesce(array_position($1::text[], s.tier), CASE WHEN s.tier IS NULL THEN 1 ELSE 0 END) AS due
FROM account a LEFT JOIN tier_span s ON s.member_id = a.member_id AND s.until IS NULL
WHERE a.member_id > $4 ORDER BY a.member_id LIMIT $5
"""
# $1 are the tiers that can be lost; $2 and $3: the instant before which a span must begin, put there by a review or otherwise.
_TO_REVIEW: Final = """
SELECT $4::date AS page, s.member_id, s.since, s.why,
    s.tier = ANY($1::text[]) AND a.status = 'open'
    AND s.since < CASE WHEN s.why IN ('kept', 'fell') THEN $2::timestamptz ELSE $3::timestamptz END AS due
FROM tier_span s JOIN account a ON a.member_id = s.member_id
WHERE s.until IS NULL AND s.member_id > $5 ORDER BY s.member_id LIMIT $6
"""


class Looked(NamedTuple):
    """What a sweep looks for: the rules in force, the day, and the ladder with its review."""

    live: LiveRules
    today: date
    ladder: Ladder
    review: TierReview


async def set_tiers(resources: Resources, now: datetime, after: Cursor = START) -> Cursor | None:
    """Set the tier of members whose growth value reaches a higher one than they have, or whose history has not begun.

    That is so after a publication, after a merge that was undone, and of members who fell and reach their tier again. A sweep (see
    `sweeps.Sweep`). Raises NoRulesPublished.
    """
    looked = await _looked(resources, now)
    if looked is None:
        return None
    ids = [tier.id for tier in looked.ladder.tiers]
    return await run_due(
        resources.engine,
        after,
        lambda cursor, limit: resources.pool.fetch(_REACHED, ids, looked.ladder.thresholds, *cursor, limit),
        lambda row: SetTier(
            member_id=row["member_id"], request_key=f"job:set_tier|{looked.today}", at=now, actor="system"
        ),
    )


async def review_tiers(resources: Resources, now: datetime, after: Cursor = START) -> Cursor | None:
    """Review the tiers whose day has come; each once, however often the job is killed. A sweep (see `sweeps.Sweep`).

    Raises NoRulesPublished.
    """
    looked = await _looked(resources, now)
    if looked is None or not looked.ladder.falls:
        return None
    return await _sweep(resources, now, after, looked, looked.today)


async def warn_tiers(resources: Resources, now: datetime, after: Cursor = START) -> Cursor | None:
    """Warn members who have not yet kept the tier that is reviewed within the days of the rule; once per review.

    A sweep (see `sweeps.Sweep`). Raises NoRulesPublished.
    """
    looked = await _looked(resources, now)
    if looked is None or not looked.ladder.falls or not looked.review.warn_days:
        return None
    last = looked.today + timedelta(days=looked.review.warn_days)
    return await _sweep(resources, now, after, looked, last)


async def _sweep(
    resources: Resources, now: datetime, after: Cursor, looked: Looked, last: date
) -> Cursor | None:
    """Review the tiers whose review is on `last` or earlier; those of a later day than today are warned of."""
    zone = looked.live.zone
    before = [
        latest_since(looked.review, last, lambda day: day_start(day, zone), reviewed=reviewed)
        for reviewed in (True, False)
    ]
    tiers = list(_losable(looked.ladder))
    return await run_due(
        resources.engine,
        after,
        lambda cursor, limit: resources.pool.fetch(_TO_REVIEW, tiers, *before, *cursor, limit),
        lambda row: _command(row["member_id"], row["since"], row["why"], now, looked, last),
    )


def _command(
    member_id: int, since: datetime, why: str, now: datetime, looked: Looked, last: date
) -> ReviewTier | WarnTier:
    held, reviewed = looked.live.day(since), why in {"kept", "fell"}
    if last == looked.today:
        until = review_due(looked.review, held, looked.today, reviewed=reviewed) or looked.today
        key = f"job:review_tier|{until}"
        return ReviewTier(member_id=member_id, request_key=key, at=now, actor="system", until=until)
    day = next_review(looked.review, held, reviewed=reviewed) or last
    key = f"job:warn_tier|{day}"
    return WarnTier(member_id=member_id, request_key=key, at=now, actor="system", review_on=day)


def _losable(ladder: Ladder) -> Iterator[str]:
    return (
        tier.id for tier, keeping in zip(ladder.tiers, ladder.keeping, strict=True) if keeping is not None
    )


async def _looked(resources: Resources, now: datetime) -> Looked | None:
    live = await resources.directory.rules(now)
    review = live.rules.tier_review
    return None if review is None else Looked(live, live.day(now), live.rules.ladder, review)
