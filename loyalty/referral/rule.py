"""The rule of referrals."""

from collections import Counter
from functools import cached_property
from typing import Annotated

from pydantic import Field

from loyalty.programme.sections import Points, Rule


class ReferralStep(Rule):
    """With the `qualified`-th qualified friend the inviter gets `bonus` in addition, once."""

    qualified: Annotated[int, Field(ge=1)]
    bonus: Points


class ReferralRule(Rule):
    """The rewards for a qualified friend, for both sides; off unless the operator switches them on.

    WeChat forbids rewards for sharing, so sharing or following never earns points. A reward for a friend's own first sign-in is
    allowed, but the operator must choose it.
    """

    enabled: bool = False
    inviter_points: Points = 0
    friend_points: Points = 0
    ladder: tuple[ReferralStep, ...] = ()

    @cached_property
    def bonuses(self) -> Counter[int]:
        """The bonus by how many friends have qualified; 0 for a number without a step."""
        bonuses: Counter[int] = Counter()
        for step in self.ladder:
            bonuses[step.qualified] += step.bonus
        return bonuses
