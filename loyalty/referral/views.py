"""A member's invitations: how many friends they invited, and the points that these earned."""

from dataclasses import dataclass
from typing import NamedTuple

from tortoise.functions import Sum

from loyalty.members.profile import scene_of
from loyalty.programme.in_force.live import LiveRules
from loyalty.referral.rows import FRIENDS_REWARDED
from models.features import Referral
from models.ledger import Entry, Meter
from models.member import Member

EARNED = ("referral_inviter", "referral_ladder")


@dataclass(frozen=True)
class ReferralStepView:
    """`bonus` points for the `qualified`-th qualified friend; `reached` says whether so many have qualified."""

    qualified: int
    bonus: int
    reached: bool


@dataclass(frozen=True)
class ReferralView:
    """`invited` friends in total, of whom `qualified` have qualified; `scene` is the scene of both kinds of QR code.

    `enabled` says whether rewards are switched on.
    """

    code: str
    scene: str
    invited: int
    qualified: int
    earned_points: int
    enabled: bool
    ladder: list[ReferralStepView]


class Invitation(NamedTuple):
    """The content of an invitation picture: the member's referral code, and the nickname if there is one.

    `nickname_checked`: the nickname may be shown as it is; otherwise it must be checked first.
    """

    code: str
    nickname: str | None
    nickname_checked: bool


async def invitation(member_id: int) -> Invitation:
    """The member's invitation. Raises tortoise's DoesNotExist for an unknown member."""
    member = await Member.get(member_id=member_id)
    return Invitation(member.referral_code, member.nickname, member.nickname_checked)


async def referral(member_id: int, live: LiveRules) -> ReferralView:
    """The member's invitations. Raises tortoise's DoesNotExist for an unknown member.

    The ladder counts the friends for whom the engine paid: those who qualified while rewards were switched on.
    """
    member = await Member.get(member_id=member_id)
    friends = Referral.filter(inviter_id=member_id)
    qualified = await friends.filter(qualified_at__isnull=False).count()
    counted = await Meter.get_or_none(member_id=member_id, name=FRIENDS_REWARDED.name)
    rewarded = counted.value if counted else 0
    return ReferralView(
        code=member.referral_code,
        scene=scene_of(member.referral_code),
        invited=await friends.count(),
        qualified=qualified,
        earned_points=await _earned(member_id),
        enabled=live.rules.referral.enabled,
        ladder=[
            ReferralStepView(step.qualified, step.bonus, rewarded >= step.qualified)
            for step in live.rules.referral.ladder
        ],
    )


async def _earned(member_id: int) -> int:
    earned = Entry.filter(member_id=member_id, reason__in=EARNED).annotate(points=Sum("amount"))
    totals = await earned.group_by("member_id").values_list("points", flat=True)
    return sum(int(str(total)) for total in totals)
