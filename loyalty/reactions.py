"""Reactions: follow-ups of one feature to a result of another. Only here features meet; no feature imports another one."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from loyalty.adjustments.outcomes import AccountThawed
from loyalty.appeals.outcomes import AppealAnswered
from loyalty.cases.commands import CloseCase, OpenCase
from loyalty.cases.outcomes import CaseDecided
from loyalty.cases.rows import OPEN_CASE
from loyalty.cases.spending import count, meters, since_release
from loyalty.checkin.outcomes import CheckedIn
from loyalty.checkin.repair.commands import GiveRepairCards
from loyalty.checkin.repair.outcomes import CheckInRepaired
from loyalty.checkin.rows import LAST_CHECK_IN
from loyalty.deductions.outcomes import PointsHeld
from loyalty.earning.outcomes import EventRecorded, OrderRefunded
from loyalty.earning.reads import NAMED
from loyalty.earning.rows import PURCHASES
from loyalty.engine.command import DatedCommand
from loyalty.engine.decide import LIMITED
from loyalty.engine.feature import Feature, Reaction
from loyalty.engine.follow_ups import own_follow_up
from loyalty.engine.outcomes import Result
from loyalty.engine.scene import Scene
from loyalty.expiry.extension.outcomes import PointsExtended
from loyalty.games.outcomes import Drawn
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import FollowUp, MeterKey
from loyalty.merging.outcomes import MergedIn
from loyalty.missions.commands import AdvanceMissions
from loyalty.missions.outcomes import MissionsAdvanced
from loyalty.missions.rule import EVENT
from loyalty.polls.outcomes import Voted
from loyalty.programme.rules import RuleSet
from loyalty.referral.commands import QualifyReferral
from loyalty.referral.outcomes import ReferralQualified, ReferralRewarded
from loyalty.referral.rows import HALF_REFERRAL, REFERRAL, referral_of
from loyalty.rewards.commands import UnlockReward
from loyalty.rewards.outcomes import Redeemed
from loyalty.tiers.commands import SetTier
from loyalty.welcome import Welcomed

GROWING: Final[tuple[type[Result], ...]] = (
    Welcomed, CheckedIn, CheckInRepaired, Drawn, ReferralQualified, ReferralRewarded, MissionsAdvanced, Voted, EventRecorded,
    MergedIn,
)  # fmt: skip
"""Results that may raise the growth value, or what else a tier is reached by."""

DEBITS: Final[tuple[type[Result], ...]] = (Redeemed, Drawn, PointsHeld, CheckInRepaired, PointsExtended)
"""Results for which a member may have paid with points, or set them aside."""


def qualify_referral(wallet: Wallet, _: CheckedIn, scene: Scene[object]) -> Iterator[FollowUp]:
    """The first sign-in of an invited member qualifies their referral."""
    referral = referral_of(scene, wallet.member_id)
    if scene.recall(LAST_CHECK_IN) is None and referral is not None and not referral.qualified:
        yield own_follow_up(wallet, QualifyReferral.name)


def unlock_reward(
    wallet: Wallet, signed: CheckedIn | CheckInRepaired, scene: Scene[RuleSet]
) -> Iterator[FollowUp]:
    """A row of sign-ins that is full, by its last day or by a mended one, unlocks the reward of the ladder."""
    rule = scene.rule.check_in
    reward = rule.unlocked(signed.streak)
    if reward is not None:
        days = rule.cycle_days
        began = (signed.day - timedelta(days=days - 1)).isoformat()
        yield own_follow_up(wallet, UnlockReward.name, reward=reward, began=began, days=days)


def give_won_cards(wallet: Wallet, drawn: Drawn, _: Scene[object]) -> Iterator[FollowUp]:
    """A draw that won repair cards gives them to the member."""
    cards = sum(one.kind == "repair_card" for one in drawn.draws)
    if cards:
        yield own_follow_up(wallet, GiveRepairCards.name, cards=cards, source=wallet.receipt_no)


def advance_missions(
    action: str, times: int, wallet: Wallet, scene: Scene[RuleSet], *, on: date | None = None
) -> Iterator[FollowUp]:
    """An action, done today or `on` another day, counts for missions, if any of the rules has it among its steps."""
    if action in scene.rule.missions_by_action:
        day, source = (on or scene.day).isoformat(), wallet.receipt_no
        yield own_follow_up(wallet, AdvanceMissions.name, action=action, times=times, on=day, source=source)


def event_for_missions(wallet: Wallet, event: EventRecorded, scene: Scene[RuleSet]) -> Iterator[FollowUp]:
    """An event counts for missions, unless it is an order that had been paid back before it was reported."""
    if all(order.refunded_fen < order.amount_fen for order in wallet.writes.of(PURCHASES)):
        yield from advance_missions(f"{EVENT}{event.kind}", 1, wallet, scene)


def refund_for_missions(wallet: Wallet, refund: OrderRefunded, scene: Scene[RuleSet]) -> Iterator[FollowUp]:
    """An order that is paid back in full no longer counts for missions, in the period of the order."""
    if refund.full and refund.kind is not None:
        order = next(
            one
            for one in scene.recall(NAMED)
            if (one.order_no, one.store or None) == (refund.order, refund.store)
        )
        yield from advance_missions(f"{EVENT}{refund.kind}", -1, wallet, scene, on=order.day)


def set_tier(wallet: Wallet, _: Result, scene: Scene[RuleSet]) -> Iterator[FollowUp]:
    """A growth value that reaches a higher tier sets it; where more than that counts, each such result has the tier looked at.

    The account alone tells whether the growth value crosses a line, so most sign-ins owe nothing.
    """
    ladder = scene.rule.ladder
    if not ladder.is_kept:
        return
    before = ladder.by_growth(wallet.loaded.growth)
    if ladder.beyond_growth or ladder.by_growth(wallet.account.growth) > before:
        yield own_follow_up(wallet, SetTier.name, before=ladder.tiers[before].id)


def look_at_tier(wallet: Wallet, _: OrderRefunded, scene: Scene[RuleSet]) -> Iterator[FollowUp]:
    """A refund may undo what reached a tier."""
    ladder = scene.rule.ladder
    if ladder.is_kept and (ladder.beyond_growth or wallet.account.growth < wallet.loaded.growth):
        before = ladder.tiers[ladder.by_growth(wallet.loaded.growth)].id
        yield own_follow_up(wallet, SetTier.name, before=before, refunded=True)


def spending_meters(rules: RuleSet, one: DatedCommand) -> Sequence[MeterKey]:
    """The meters by which a member's spending is watched."""
    return meters(rules.risk, one.at, one.day)


def watch_spending(wallet: Wallet, _: Result, scene: Scene[RuleSet]) -> Iterator[FollowUp]:
    """Far more points than usual within a day, or above a limit of the rule, owe a case."""
    rule = scene.rule.risk
    spike = None if rule is None else count(wallet, rule, scene.at, scene.day)
    if spike is not None:
        yield own_follow_up(wallet, OpenCase.name, **spike._asdict(), source=wallet.receipt_no)


def release_meters(_: RuleSet, one: DatedCommand) -> Sequence[MeterKey]:
    """The meters that a release sets back."""
    return since_release(one.at, one.day)


def watch_anew(wallet: Wallet, _: Result, scene: Scene[RuleSet]) -> Iterator[FollowUp]:
    """A member who may spend again is watched as if they had spent nothing yet today; nothing is owed for it."""
    if (wallet.loaded.status, wallet.account.status) == (LIMITED, "open"):
        for key in since_release(scene.at, scene.day):
            if value := wallet.meter(key):
                wallet.count(key, -value)
    yield from ()


def close_case(
    wallet: Wallet, result: AppealAnswered | AccountThawed, scene: Scene[RuleSet]
) -> Iterator[FollowUp]:
    """The answer to an appeal, and a thaw, decide about an open case as well."""
    yield from watch_anew(wallet, result, scene)
    case = scene.recall(OPEN_CASE)
    if case is not None:
        reason = result.answer if isinstance(result, AppealAnswered) else result.reason
        released = wallet.account.status == "open"
        yield own_follow_up(wallet, CloseCase.name, case=case, released=released, reason=reason, by=result.by)


FEATURE: Final = Feature(
    "reactions",
    reactions=(
        *(Reaction(result, set_tier, follow_up=SetTier) for result in GROWING),
        Reaction(OrderRefunded, look_at_tier, follow_up=SetTier),
        *(Reaction(debit, watch_spending, follow_up=OpenCase, meters=spending_meters) for debit in DEBITS),
        Reaction(CaseDecided, watch_anew, follow_up=CloseCase, meters=release_meters),
        *(
            Reaction(result, close_case, follow_up=CloseCase, reads=(OPEN_CASE,), meters=release_meters)
            for result in (AppealAnswered, AccountThawed)
        ),
        Reaction(
            CheckedIn,
            lambda wallet, _, scene: advance_missions("check_in", 1, wallet, scene),
            follow_up=AdvanceMissions,
        ),
        Reaction(
            Drawn,
            lambda wallet, drawn, scene: advance_missions("draw", len(drawn.draws), wallet, scene),
            follow_up=AdvanceMissions,
        ),
        Reaction(
            Redeemed,
            lambda wallet, _, scene: advance_missions("redeem", 1, wallet, scene),
            follow_up=AdvanceMissions,
        ),
        Reaction(EventRecorded, event_for_missions, follow_up=AdvanceMissions),
        Reaction(OrderRefunded, refund_for_missions, follow_up=AdvanceMissions, reads=(NAMED,)),
        Reaction(CheckedIn, unlock_reward, follow_up=UnlockReward),
        Reaction(CheckInRepaired, unlock_reward, follow_up=UnlockReward),
        Reaction(Drawn, give_won_cards, follow_up=GiveRepairCards),
        Reaction(
            CheckedIn,
            qualify_referral,
            follow_up=QualifyReferral,
            reads=(REFERRAL, HALF_REFERRAL, LAST_CHECK_IN),
        ),
    ),
)
