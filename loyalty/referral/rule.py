"""The rule of referrals."""

from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated

from pydantic import Field

from loyalty.programme.declaring.better import TOGETHER
from loyalty.programme.declaring.faults import Fault, at_most, items
from loyalty.programme.declaring.sections import Points, Rule


class ReferralStep(Rule):
    """With the `qualified`-th qualified friend the inviter gets `bonus` in addition, once."""

    qualified: Annotated[int, Field(ge=1), at_most(1_000_000)] = Field(
        title="第几位", description="第几位完成首次签到的好友。"
    )
    bonus: Points = Field(title="另送积分", description="那时在每位好友的奖励之外另送多少。")


class ReferralRule(Rule):
    """The rewards for a qualified friend, for both sides; off unless the operator switches them on.

    WeChat forbids rewards for sharing, so sharing or following never earns points. A reward for a friend's own first sign-in is
    allowed, but the operator must choose it.
    """

    enabled: Annotated[bool, TOGETHER] = Field(
        default=False,
        title="开启邀请奖励",
        description="true 开启，false 关闭。只奖励好友自己完成的首次签到，分享和关注不送。",
    )
    inviter_points: Annotated[Points, TOGETHER] = Field(
        default=0, title="邀请人积分", description="每位好友完成首次签到后，邀请人得多少。"
    )
    friend_points: Annotated[Points, TOGETHER] = Field(
        default=0, title="好友积分", description="好友完成首次签到后，自己另得多少。"
    )
    ladder: Annotated[tuple[ReferralStep, ...], items(500), TOGETHER] = Field(
        default=(), title="邀满奖励", description="邀请满几位好友时，邀请人另得多少。"
    )

    def losses(self, before: "ReferralRule") -> Iterator[Fault]:
        """Rewards that are smaller or gone. What a rule that was off promised counts for nothing."""
        if not before.enabled:
            return
        if not self.enabled:
            yield Fault(("enabled",), "邀请奖励停了")
            return
        for key in ("inviter_points", "friend_points"):
            if getattr(self, key) < getattr(before, key):
                yield Fault((key,), f"{getattr(before, key):,} → {getattr(self, key):,}")
        for qualified, bonus in sorted(before.bonuses.items()):
            if self.bonuses[qualified] < bonus:
                yield Fault(
                    ("ladder",), f"邀满 {qualified:,} 位另得的积分 {bonus:,} → {self.bonuses[qualified]:,}"
                )

    @cached_property
    def bonuses(self) -> Counter[int]:
        """The bonus by how many friends have qualified; 0 for a number without a step."""
        bonuses: Counter[int] = Counter()
        for step in self.ladder:
            bonuses[step.qualified] += step.bonus
        return bonuses
