"""Referrals: bound once, qualified by the friend's first sign-in, and rewarded if the operator has switched rewards on."""

from loyalty.engine.outcomes import Outcome
from loyalty.engine.refusals import NothingDue
from loyalty.engine.scene import Scene
from loyalty.ledger.wallet import Wallet
from loyalty.ledger.writes import FollowUp, NoticeRow
from loyalty.referral.commands import NOBODY_ID, BindReferral, QualifyReferral, RewardReferral
from loyalty.referral.outcomes import (
    AlreadyBound,
    InviterTooNew,
    NotReferred,
    ReferralBound,
    ReferralQualified,
    ReferralRewarded,
    ReferralTooLate,
    SelfReferral,
    UnknownReferralCode,
)
from loyalty.referral.rows import (
    FRIEND,
    FRIENDS_REWARDED,
    HALF_SIGNED_IN,
    HAS_SIGNED_IN,
    INVITER,
    QUALIFY_REFERRALS,
    REFERRALS,
    Other,
    QualifiedRow,
    ReferralRow,
    referral_of,
)
from loyalty.referral.rule import ReferralRule

ReferralScene = Scene[ReferralRule]


def decide_bind(wallet: Wallet, command: BindReferral, scene: ReferralScene) -> Outcome:
    """A member has at most one inviter, for ever, who joined before them, so that there are no cycles.

    `inviter_id` may be NOBODY_ID.
    """
    if command.inviter_id == NOBODY_ID:
        return UnknownReferralCode()
    inviter = scene.recall(INVITER) or Other(command.inviter_id, is_oneself=False)
    if command.inviter_id == wallet.member_id or inviter.is_oneself:
        return SelfReferral()
    bound = referral_of(scene, wallet.member_id)
    if bound is not None:
        return AlreadyBound(bound.inviter_id)
    if scene.recall(HAS_SIGNED_IN) or scene.recall(HALF_SIGNED_IN):
        return ReferralTooLate()
    if inviter.member_id > wallet.member_id:
        return InviterTooNew()
    wallet.writes.add(REFERRALS, ReferralRow(inviter.member_id, wallet.posted_at))
    return ReferralBound(inviter.member_id)


def decide_qualify(wallet: Wallet, _: QualifyReferral, scene: ReferralScene) -> Outcome:
    """Grant the friend's gift, with the inviter's reward as a follow-up. With rewards switched off neither gets points.

    A referral of a member who was merged into this one becomes this one's own, unless the inviter joined later than they did.
    """
    referral, rule = referral_of(scene, wallet.member_id), scene.rule
    if referral is None or referral.qualified:
        return NotReferred()
    inviter = scene.recall(INVITER)
    if inviter is not None and inviter.is_oneself:
        return SelfReferral()
    if referral.friend_id != wallet.member_id:
        if referral.inviter_id > wallet.member_id:
            return NotReferred()
        wallet.writes.add(REFERRALS, ReferralRow(referral.inviter_id, wallet.posted_at))
    wallet.writes.change(QUALIFY_REFERRALS, QualifiedRow(wallet.posted_at))
    friend_points = rule.friend_points if rule.enabled else 0
    if friend_points:
        detail = {"inviter_id": referral.inviter_id}
        wallet.grant(friend_points, "referral_friend", detail, scene.lapse_day)
    if rule.enabled:
        payload = {"friend_id": wallet.member_id}
        key = f"engine:reward_referral:{wallet.member_id}"
        wallet.writes.follow_ups.append(FollowUp(referral.inviter_id, key, RewardReferral.name, payload))
    inviter_points = rule.inviter_points if rule.enabled else 0
    return ReferralQualified(referral.inviter_id, friend_points, inviter_points, wallet.available)


def decide_reward(wallet: Wallet, command: RewardReferral, scene: ReferralScene) -> Outcome:
    """Grant the reward for one qualified friend, and the bonus of the ladder step that is reached with this friend, if any.

    Inviter and friend may be one person whose two members were merged later; such a friend is refused. A friend counts for the
    ladder even if `inviter_points` is 0.
    """
    rule = scene.rule
    if not rule.enabled:
        return NothingDue()
    friend = scene.recall(FRIEND)
    if command.friend_id == wallet.member_id or (friend is not None and friend.is_oneself):
        return SelfReferral()
    qualified = wallet.meter(FRIENDS_REWARDED) + 1
    wallet.count(FRIENDS_REWARDED)
    bonus = rule.bonuses[qualified]
    points = rule.inviter_points + bonus
    if rule.inviter_points:
        wallet.grant(
            rule.inviter_points, "referral_inviter", {"friend_id": command.friend_id}, scene.lapse_day
        )
    if bonus:
        wallet.grant(bonus, "referral_ladder", {"qualified": qualified}, scene.lapse_day)
    if points:
        payload = {"friend_id": command.friend_id, "points": points}
        wallet.writes.notices.append(NoticeRow("referral_rewarded", str(command.friend_id), payload))
    return ReferralRewarded(command.friend_id, qualified, points, bonus, wallet.available)
