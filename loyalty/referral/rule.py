"""The rule of referrals."""

from typing import Annotated

from pydantic import Field

from loyalty.programme.sections import Points, Rule


class ReferralStep(Rule):
    """With the `qualified`-th qualified friend the inviter gets `bonus` on top, once."""

    qualified: Annotated[int, Field(ge=1)]
    bonus: Points


class ReferralRule(Rule):
    """What a qualified friend earns both sides; off unless the operator switched it on.

    WeChat bans rewarded sharing, so nothing is ever paid for the act of sharing or following; even a reward for a friend's own
    first sign-in is the operator's deliberate choice.
    """

    enabled: bool = False
    inviter_points: Points = 0
    friend_points: Points = 0
    ladder: tuple[ReferralStep, ...] = ()
