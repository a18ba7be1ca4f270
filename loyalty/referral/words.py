"""Referrals in Chinese: their entries and their rule."""

from collections.abc import Iterator, Mapping
from typing import Final

from loyalty.engine.feature import RuleText
from loyalty.ledger.words import Sentence, number
from loyalty.referral.rule import ReferralRule

SENTENCES: Final[Mapping[str, Sentence]] = {
    "referral_friend": Sentence(lambda _: "受邀礼", lambda _: "接受好友邀请并完成首次签到的礼物。"),
    "referral_inviter": Sentence(lambda _: "邀请奖励", lambda _: "你邀请的好友完成了首次签到。"),
    "referral_ladder": Sentence(
        lambda facts: f"邀请满 {facts['qualified']} 人奖励",
        lambda facts: f"完成首次签到的好友满 {facts['qualified']} 位，加赠奖励。",
    ),
}


def rule_texts(rule: ReferralRule) -> Iterator[RuleText]:
    """The points that inviting earns; no sentences while rewards are switched off."""
    yield RuleText("referral", "邀请好友", tuple(_sentences(rule)))


def _sentences(rule: ReferralRule) -> Iterator[str]:
    if not rule.enabled:
        return
    yield (
        f"好友接受邀请加入并完成首次签到后，你得 {number(rule.inviter_points)} 积分，"
        f"好友得 {number(rule.friend_points)} 积分。"
    )
    for step in rule.ladder:
        yield f"完成首次签到的好友满 {step.qualified} 位，再加 {number(step.bonus)} 积分，每档一次。"
    yield "分享和关注本身不送积分。"
