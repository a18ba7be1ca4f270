"""The outcomes of binding, qualifying and rewarding a referral."""

from collections.abc import Iterable
from dataclasses import dataclass

from loyalty.engine.outcomes import Outcome, Refusal, Result


@dataclass(frozen=True)
class ReferralBound(Result):
    """The inviter was recorded."""

    code = "referral_bound"
    moves_points = False
    inviter_id: int


@dataclass(frozen=True)
class ReferralQualified(Result):
    """The friend qualified: `points` for the friend, and `inviter_points` to come for the inviter (0 when rewards are off)."""

    code = "referral_qualified"
    moves_points = False
    inviter_id: int
    points: int
    inviter_points: int
    balance: int


def friend_gift(consequences: Iterable[Outcome]) -> ReferralQualified | None:
    """The friend's gift among the consequences of a sign-in; its `balance` is the spendable balance after it."""
    for outcome in consequences:
        if isinstance(outcome, ReferralQualified) and outcome.points:
            return outcome
    return None


@dataclass(frozen=True)
class ReferralRewarded(Result):
    """The inviter got `points`, which include the `bonus` of the ladder step reached with the `qualified`-th friend."""

    code = "referral_rewarded"
    moves_points = False
    friend_id: int
    qualified: int
    points: int
    bonus: int
    balance: int


@dataclass(frozen=True)
class AlreadyBound(Refusal):
    """This member already has an inviter, which can never change."""

    code = "already_bound"
    title = "邀请人已确定"
    inviter_id: int

    sentence = "邀请人只能填写一次，填写后不能更改。"


@dataclass(frozen=True)
class SelfReferral(Refusal):
    """The member and the inviter are the same person."""

    code = "self_referral"
    title = "不能邀请自己"
    as_follow_up = "ended"

    sentence = "这是你自己的邀请码，分享给好友吧。"


@dataclass(frozen=True)
class ReferralTooLate(Refusal):
    """The member has signed in before, and only members who never have can name an inviter."""

    code = "referral_too_late"
    title = "已过填写邀请码的时候"

    sentence = "邀请码要在第一次签到之前填写。"


@dataclass(frozen=True)
class InviterTooNew(Refusal):
    """The inviter joined after the member they would have invited."""

    code = "inviter_too_new"
    title = "邀请人加入得更晚"

    sentence = "邀请人要比你先加入。"


@dataclass(frozen=True)
class UnknownReferralCode(Refusal):
    """No member has this referral code."""

    code = "unknown_referral_code"
    title = "没有这个邀请码"
    category = "not_found"

    sentence = "请核对邀请码后再试。"


@dataclass(frozen=True)
class NotReferred(Refusal):
    """This member has no inviter, or the referral has already qualified."""

    code = "not_referred"
    title = "没有待完成的邀请"
    as_follow_up = "done"

    sentence = "没有邀请人，或者邀请奖励已经办好。"
