"""Tiers in the second ledger: reached for ever, as the crowd's programmes review none."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from loyalty.checkin.outcomes import CheckedIn
from loyalty.checkin.repair.outcomes import CheckInRepaired
from loyalty.earning.outcomes import EventRecorded, OrderRefunded
from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.games.outcomes import Drawn
from loyalty.merging.outcomes import MergedIn
from loyalty.missions.outcomes import MissionsAdvanced
from loyalty.polls.outcomes import Voted
from loyalty.referral.outcomes import ReferralQualified, ReferralRewarded
from loyalty.tiers.commands import ReviewTier, SetTier, WarnTier
from loyalty.tiers.outcomes import TierChanged, TierRequired
from loyalty.welcome import Welcomed
from tests.simulation.feature import AskKind, Expected, FeatureLedger, Rows, Situation
from tests.simulation.prediction import Owes, Prediction, Scene
from tests.simulation.programmes import TIERS
from tests.simulation.second_ledger import Member, Sheet


@dataclass
class Tiers:
    """Each change of the member's tier: (receipt, tier, the one before, why), and the instants from which they hold."""

    spans: list[tuple[int, str, str, str]] = field(default_factory=list)
    since: list[datetime] = field(default_factory=list)


def _reached(growth: int) -> str:
    """The highest tier of a growth value."""
    return [tier for tier, line in TIERS if line <= growth][-1]


def tier_at(member: Member, at: datetime) -> str:
    """The member's tier at an instant; before all changes the one that the first of them left."""
    known = member.of(Tiers)
    held = [span[1] for span, since in zip(known.spans, known.since, strict=True) if since <= at]
    return held[-1] if held else known.spans[0][2] if known.spans else _reached(member.growth)


def _rank(tier: str) -> int:
    return [one for one, _ in TIERS].index(tier)


def _set(member: Member, command: SetTier, scene: Scene, sheet: Sheet, made: Prediction) -> Outcome:
    spans, best = member.of(Tiers).spans, _reached(member.growth)
    held = spans[-1][1] if spans else command.before or best
    if _rank(best) > _rank(held):
        tier, why = best, "reached"
    elif not spans and _rank(held):
        tier, why = held, "begun"
    else:
        return NothingDue()
    span = (member.version + 1, tier, held, why)

    def keep(one: Member) -> None:
        one.of(Tiers).spans.append(span)
        one.of(Tiers).since.append(scene.posted_at)

    made.learn.append(keep)
    return TierChanged(tier, tier, held, why, rose=why == "reached")


def _nothing(_: Member, __: object, ___: Scene, ____: Sheet, _____: Prediction) -> Outcome:
    return NothingDue()


def _grown(member: Member, made: Prediction) -> None:
    """A growth value that crosses a line has the tier set."""
    assert made.sheet is not None
    before = _reached(member.growth)
    if _rank(_reached(made.sheet.growth)) > _rank(before):
        key = f"engine:set_tier:{member.version + 1}"
        made.owes.append(Owes(member.member_id, key, SetTier, {"before": before}))


def _refunded(member: Member, made: Prediction) -> None:
    """A refund has the tier looked at; no tier falls, as none is reviewed."""
    assert made.sheet is not None
    if made.sheet.growth < member.growth:
        key = f"engine:set_tier:{member.version + 1}"
        fields = {"before": _reached(member.growth), "refunded": True}
        made.owes.append(Owes(member.member_id, key, SetTier, fields))


def _ask_to_set(now: Situation) -> SetTier:
    return SetTier(**now.job, request_key=f"job:set_tier|{now.today}")


def _ask_to_review(now: Situation) -> ReviewTier:
    until = date(now.today.year, 1, 1)
    return ReviewTier(**now.job, request_key=f"job:review_tier|{until}", until=until)


def _ask_to_warn(now: Situation) -> WarnTier:
    return WarnTier(**now.job, request_key=f"job:warn_tier|{now.today}", review_on=now.today)


LEDGER: Final = FeatureLedger(
    commands=(
        Expected(
            SetTier,
            _set,
            fact=lambda command, _: ("set_tier", command.request_key),
            chosen=lambda command: (command.until, command.before, command.refunded),
        ),
        Expected(
            ReviewTier,
            _nothing,
            fact=lambda command, _: ("review_tier", str(command.until)),
            chosen=lambda command: (command.until,),
        ),
        Expected(
            WarnTier,
            _nothing,
            fact=lambda command, _: ("warn_tier", str(command.review_on)),
            chosen=lambda command: (command.until, command.review_on),
        ),
    ),
    asks=(
        AskKind("set_tier", SetTier, _ask_to_set, share=1),
        AskKind("review_tier", ReviewTier, _ask_to_review, share=1),
        AskKind("warn_tier", WarnTier, _ask_to_warn, share=1),
    ),
    reactions=(
        (Welcomed, _grown), (CheckedIn, _grown), (CheckInRepaired, _grown), (Drawn, _grown), (ReferralQualified, _grown),
        (ReferralRewarded, _grown), (MissionsAdvanced, _grown), (Voted, _grown), (EventRecorded, _grown), (MergedIn, _grown),
        (OrderRefunded, _refunded),
    ),
    rows=(
        Rows(
            "tiers",
            "SELECT member_id, receipt_no, tier, came_from, why FROM tier_span",
            lambda member: member.of(Tiers).spans,
        ),
    ),
    stored=(TierRequired,),
    nothing_owed=(NothingDue,),
)  # fmt: skip
