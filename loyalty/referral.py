"""Referrals: bound once, qualified by the friend's first sign-in, paid only where the operator switched rewards on."""

from datetime import datetime
from typing import Final

from loyalty.calendar import expires_on
from loyalty.commands import BindReferral, QualifyReferral, RewardReferral
from loyalty.facts import FollowUp, NoticeRow, ReferralRow
from loyalty.live import LiveRules
from loyalty.outcomes import Outcome
from loyalty.refusals import (
    AlreadyBound,
    InviterTooNew,
    NothingDue,
    NotReferred,
    ReferralTooLate,
    SelfReferral,
    UnknownReferralCode,
)
from loyalty.results import ReferralBound, ReferralQualified, ReferralRewarded
from loyalty.stock import Stock
from loyalty.wallet import Wallet

NOBODY_ID: Final = 0
"""The inviter of a code that belongs to nobody: a door that keeps refusals lets the engine refuse it."""


def decide_bind(
    wallet: Wallet, command: BindReferral, live: LiveRules, stock: Stock, at: datetime
) -> Outcome:
    """One inviter at most, for ever, who joined before: so there are no cycles. `inviter_id` may be NOBODY_ID."""
    if command.inviter_id == NOBODY_ID:
        return UnknownReferralCode()
    if command.inviter_id == wallet.member_id:
        return SelfReferral()
    if wallet.memories.referral is not None:
        return AlreadyBound(wallet.memories.referral.inviter_id)
    if wallet.memories.last_check_in is not None:
        return ReferralTooLate()
    if command.inviter_id > wallet.member_id:
        return InviterTooNew()
    wallet.writes.referrals.append(ReferralRow(command.inviter_id, wallet.posted_at))
    return ReferralBound(command.inviter_id)


def decide_qualify(
    wallet: Wallet, command: QualifyReferral, live: LiveRules, stock: Stock, at: datetime
) -> Outcome:
    """The friend's own gift now, the inviter's reward as a follow-up; with rewards switched off nobody is paid."""
    referral, rule = wallet.memories.referral, live.rules.referral
    if referral is None or referral.qualified:
        return NotReferred()
    wallet.writes.qualified.append(wallet.posted_at)
    friend_points = rule.friend_points if rule.enabled else 0
    if friend_points:
        lapse_day = expires_on(live.day(at), live.rules.expiry.months)
        wallet.grant(friend_points, "referral_friend", {"inviter_id": referral.inviter_id}, lapse_day)
    if rule.enabled:
        payload = {"friend_id": wallet.member_id}
        key = f"engine:reward_referral:{wallet.member_id}"
        wallet.writes.follow_ups.append(FollowUp(referral.inviter_id, key, "reward_referral", payload))
    inviter_points = rule.inviter_points if rule.enabled else 0
    return ReferralQualified(referral.inviter_id, friend_points, inviter_points, wallet.available)


def decide_reward(
    wallet: Wallet, command: RewardReferral, live: LiveRules, stock: Stock, at: datetime
) -> Outcome:
    """Pay for one qualified friend, with the bonus of a ladder step where this friend reaches one.

    Two identities of one person may have met as friends before the merge: nobody is paid for oneself.
    Friends count for the ladder by their receipts, one after the other, also where a friend alone pays nothing.
    """
    rule, lapse_day = live.rules.referral, expires_on(live.day(at), live.rules.expiry.months)
    qualified = wallet.memories.referrals_rewarded + 1
    bonus = sum(step.bonus for step in rule.ladder if step.qualified == qualified)
    points = rule.inviter_points + bonus
    if not rule.enabled:
        return NothingDue()
    if command.friend_id == wallet.member_id:
        return SelfReferral()
    if rule.inviter_points:
        wallet.grant(rule.inviter_points, "referral_inviter", {"friend_id": command.friend_id}, lapse_day)
    if bonus:
        wallet.grant(bonus, "referral_ladder", {"qualified": qualified}, lapse_day)
    if points:
        payload = {"friend_id": command.friend_id, "points": points}
        wallet.writes.notices.append(NoticeRow("referral_rewarded", str(command.friend_id), payload))
    return ReferralRewarded(command.friend_id, qualified, points, bonus, wallet.available)
