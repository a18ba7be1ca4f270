"""Referrals in Chinese: their entries and their rule."""

from collections.abc import Iterator, Mapping
from typing import Final

from loyalty.engine.feature import RuleText
from loyalty.ledger.words import Sentence, number
from loyalty.referral.rule import ReferralRule

SENTENCES: Final[Mapping[str, Sentence]] = {
    "referral_friend": Sentence(lambda _: "受邀礼", lambda _: "接受好友邀请，完成首次签到的见面礼。"),
    "referral_inviter": Sentence(lambda _: "邀请奖励", lambda _: "你邀请的好友完成了首次签到。"),
    "referral_ladder": Sentence(
        lambda facts: f"邀请满 {facts['qualified']} 人奖励",
        lambda facts: f"邀满 {facts['qualified']} 人，另送奖励。",
    ),
}


def both_get(rule: ReferralRule) -> str | None:
    """The line of the poster that tells what an invited friend and their inviter get; None while rewards are off."""
    if not rule.enabled or not (rule.friend_points or rule.inviter_points):
        return None
    gets = [
        f"{who}得 {number(points)} 积分"
        for who, points in (("你", rule.friend_points), ("邀请人", rule.inviter_points))
        if points
    ]
    return f"完成首次签到，{'，'.join(gets)}"


def rule_texts(rule: ReferralRule) -> Iterator[RuleText]:
    """The points that inviting earns; no sentences while rewards are switched off."""
    yield RuleText("referral", "邀请好友", tuple(_sentences(rule)))


def _sentences(rule: ReferralRule) -> Iterator[str]:
    if not rule.enabled:
        return
    yield (
        f"好友扫码加入并完成首次签到，你得 {number(rule.inviter_points)} 积分，"
        f"好友得 {number(rule.friend_points)} 积分。"
    )
    for step in rule.ladder:
        yield f"邀满 {step.qualified} 人，另送 {number(step.bonus)} 积分，每档一次。"
    yield "分享和关注本身不送积分。"
