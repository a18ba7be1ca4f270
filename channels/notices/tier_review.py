"""A review of the member's tier is near, and its keep-line is not met yet. Goes by customer-service message only."""

from datetime import date, datetime
from typing import Final

from channels.notices.kind import Attempt, Content, NoticeKind, NotNeeded
from loyalty.ledger.calendar import day_start
from loyalty.ledger.words import day_text
from loyalty.tiers.ladder import Ladder
from loyalty.tiers.views import Standing, standing
from loyalty.tiers.words import missing_text


async def read(attempt: Attempt) -> Content | NotNeeded:
    """The gap to the keep-line at the moment of sending; not needed once it is met, or the tier is another."""
    review_on = _review_on(attempt)
    if review_on <= attempt.today:
        return NotNeeded("too_late")
    stands = await standing(attempt.pool, attempt.recipient.member_id, attempt.live, attempt.now)
    ladder: Ladder = attempt.live.rules.ladder
    if ladder.tiers[stands.rung].id != attempt.notice.payload["tier"] or stands.review_on != review_on:
        return NotNeeded("tier_changed")
    if ladder.is_earned(stands.rung, stands.measured):
        return NotNeeded("already_kept")
    return content(ladder, stands, review_on)


def content(ladder: Ladder, stands: Standing, review_on: date) -> Content:
    """The words for a member who has not kept their tier yet."""
    tier, keeping = ladder.tiers[stands.rung], ladder.keeping[stands.rung]
    missing = missing_text(keeping, stands.measured) if keeping else ""
    text = f"{day_text(review_on)}评定等级。要保住「{tier.name}」，{missing}。"
    return Content(text, 0, "快到评定等级的日子了", day_text(review_on))


def useful_until(attempt: Attempt) -> datetime:
    """Until the day of the review begins."""
    return day_start(_review_on(attempt), attempt.live.zone)


def _review_on(attempt: Attempt) -> date:
    return date.fromisoformat(attempt.notice.payload["review_on"])


TIER_REVIEW: Final = NoticeKind("tier_review", read, useful_until, is_unprompted=True)
