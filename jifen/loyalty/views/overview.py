"""The member at a glance: points, growth and tier, what lapses soon, today's sign-in."""

from dataclasses import dataclass
from datetime import datetime

from jifen.loyalty.live import LiveRules
from jifen.loyalty.rules import Tier
from jifen.loyalty.views.balance import Expiring, balance
from jifen.loyalty.views.checkins import streak_on
from jifen.models.ledger import Account
from jifen.models.member import Member


@dataclass(frozen=True)
class Overview:
    """`points_to_next_tier` is the growth still missing; `streak` is 0 when a day was skipped."""

    member_id: int
    nickname: str | None
    balance: int
    pending: int
    debt: int
    growth: int
    tier: Tier
    next_tier: Tier | None
    points_to_next_tier: int | None
    expiring: tuple[Expiring, ...]
    checked_in_today: bool
    streak: int


async def overview(member_id: int, live: LiveRules, now: datetime) -> Overview:
    """The member at `now`. Raises tortoise's DoesNotExist for an unknown member."""
    member = await Member.get(member_id=member_id)
    account = await Account.get(member_id=member_id)
    points = await balance(member_id, live, now)
    today, streak = await streak_on(member_id, live.day(now))
    tier = live.rules.tier_of(account.growth)
    next_tier = live.rules.tier_after(tier)
    return Overview(
        member_id=member_id,
        nickname=member.nickname,
        balance=points.spendable,
        pending=points.pending,
        debt=points.debt,
        growth=account.growth,
        tier=tier,
        next_tier=next_tier,
        points_to_next_tier=next_tier.growth - account.growth if next_tier else None,
        expiring=points.expiring,
        checked_in_today=today,
        streak=streak,
    )
