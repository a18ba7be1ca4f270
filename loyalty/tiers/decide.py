"""Setting, reviewing and warning of a member's tier."""

from collections.abc import Sequence
from datetime import date

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import NoticeRow
from loyalty.members.visits import LAST_SEEN
from loyalty.tiers.commands import ReviewTier, SetTier, WarnTier
from loyalty.tiers.ladder import Ladder, Measured, Metrics
from loyalty.tiers.measuring import EVER, MEASURED
from loyalty.tiers.outcomes import TierChanged, TierReviewed, TierWarned
from loyalty.tiers.periods import is_reached_in_period, next_review, review_due
from loyalty.tiers.rows import CLOSE_SPAN, HISTORY, TIER_SPANS, CloseRow, Span, SpanRow
from loyalty.tiers.rule import Tier

TierScene = Scene[Ladder]


def decide_set(wallet: Wallet, command: SetTier, scene: TierScene) -> Outcome:
    """A tier that is reached is the member's at once; none is lost here, unless a refund undid what reached it."""
    ladder, history = scene.rule, scene.recall(HISTORY)
    if not ladder.is_kept:
        return NothingDue()
    held, known = _held(wallet, command, scene), bool(history) and ladder.rung(history[-1].tier) is not None
    best = ladder.reached(measured_of(wallet, scene), lost_rungs(ladder, history))
    came_from = history[-1].tier if history else ladder.tiers[held].id
    if best > held or (command.refunded and best < held and _was_just_reached(scene, history)):
        return _change(wallet, scene, best, came_from, "reached" if best > held else "refunded")
    if not known and (held or history):
        return _change(wallet, scene, held, came_from, "begun")
    return NothingDue()


def decide_review(wallet: Wallet, command: ReviewTier, scene: TierScene) -> Outcome:
    """Keep the tier for another period, or let the member fall. A tier without a keep-line is not reviewed."""
    ladder, history = scene.rule, scene.recall(HISTORY)
    until, held = _due(wallet, scene), ladder.rung(history[-1].tier) if history else None
    if until is None or until != command.until or not held or ladder.keeping[held] is None:
        return NothingDue()
    measured = measured_of(wallet, scene)
    kept = ladder.is_earned(held, measured)
    rung, came_from = held if kept else ladder.below(held, measured), history[-1].tier
    _write(wallet, scene, rung, came_from, "kept" if kept else "fell")
    tier = ladder.tiers[rung]
    return TierReviewed(tier.id, tier.name, came_from, kept, until)


def decide_warn(wallet: Wallet, command: WarnTier, scene: TierScene) -> Outcome:
    """Write a notice to a member who would fall if the review were today."""
    ladder, history = scene.rule, scene.recall(HISTORY)
    held = ladder.rung(history[-1].tier) if history else None
    if not held or _next_review(scene, history) != command.review_on or not _is_near(wallet, command, ladder):
        return NothingDue()
    if ladder.is_earned(held, measured_of(wallet, scene)):
        return NothingDue()
    tier = ladder.tiers[held]
    due_at = scene.live.unprompted_at(
        wallet.member_id, wallet.posted_at, seen_on=scene.recall(LAST_SEEN), gone_on=command.review_on
    )
    payload = {"tier": tier.id, "review_on": command.review_on.isoformat()}
    wallet.writes.notices.append(NoticeRow("tier_review", command.review_on.isoformat(), payload, due_at))
    return TierWarned(tier.id, command.review_on)


def measured_of(wallet: Wallet, scene: TierScene) -> Measured:
    """The member's numbers by period; the growth value since joining is the account's."""
    measured = scene.recall(MEASURED)
    ever = measured.get(EVER, Metrics())._replace(growth=wallet.account.growth)
    return {**measured, EVER: ever}


def lost_rungs(ladder: Ladder, history: Sequence[Span]) -> set[int]:
    """The rungs from which the member fell at reviews."""
    lost: set[int] = set()
    for span in history:
        above, below = ladder.rung(span.came_from), ladder.rung(span.tier)
        if span.why == "fell" and above is not None and below is not None:
            lost |= set(range(below + 1, above + 1))
    return lost


def _held(wallet: Wallet, command: SetTier, scene: TierScene) -> int:
    history, ladder = scene.recall(HISTORY), scene.rule
    told = history[-1].tier if history else command.before
    return ladder.held(told, wallet.account.growth)


def _was_just_reached(scene: TierScene, history: Sequence[Span]) -> bool:
    review = scene.rule.review
    if review is None or not history or history[-1].why != "reached":
        return False
    return is_reached_in_period(review, scene.live.day(history[-1].since), scene.day)


def _due(wallet: Wallet, scene: TierScene) -> date | None:
    history, review = scene.recall(HISTORY), scene.rule.review
    if not history or review is None:
        return None
    span = history[-1]
    return review_due(review, scene.live.day(span.since), wallet.today, reviewed=span.is_reviewed)


def _next_review(scene: TierScene, history: Sequence[Span]) -> date | None:
    span, review = history[-1], scene.rule.review
    if review is None:
        return None
    return next_review(review, scene.live.day(span.since), reviewed=span.is_reviewed)


def _is_near(wallet: Wallet, command: WarnTier, ladder: Ladder) -> bool:
    days_left = (command.review_on - wallet.today).days
    return ladder.review is not None and 0 < days_left <= ladder.review.warn_days


def _change(wallet: Wallet, scene: TierScene, rung: int, came_from: str, why: str) -> TierChanged:
    tier = _write(wallet, scene, rung, came_from, why)
    return TierChanged(tier.id, tier.name, came_from, why, rose=why == "reached")


def _write(wallet: Wallet, scene: TierScene, rung: int, came_from: str, why: str) -> Tier:
    tier = scene.rule.tiers[rung]
    write_span(wallet, scene.recall(HISTORY), tier, came_from, why)
    return tier


def write_span(wallet: Wallet, history: Sequence[Span], tier: Tier, came_from: str, why: str) -> None:
    """A new span from now on, and the end of the one before it."""
    if history:
        wallet.writes.change(CLOSE_SPAN, CloseRow(history[-1].receipt_no, wallet.posted_at))
    wallet.writes.add(TIER_SPANS, SpanRow(tier.id, came_from, why))
