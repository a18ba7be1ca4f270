"""/members: a member's profile, points and tier, as a till shows them."""

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.ledger.balance import Expiring
from loyalty.members.phones import masked_phone_of
from loyalty.tiers.views import TierView, tier_view
from partner_api.finding import MEMBER_CODE_INVALID, MEMBER_CODE_LIMITED, UNKNOWN_MEMBER, find_one
from partner_api.requests import PARTNERS, SCOPE_MISSING, PartnerRequest
from web.answers import json_answer


class PartnerMemberAnswer(TypedDict):
    """A member as partners see them; `phone` is masked."""

    member_id: int
    nickname: str | None
    phone: str | None
    balance: int
    pending: int
    debt: int
    growth: int
    tier: TierView
    next_tier: TierView | None
    points_to_next_tier: int | None
    benefits: tuple[str, ...]
    expiring: tuple[Expiring, ...]


async def show_member(request: PartnerRequest) -> web.Response:
    """The member whom the path names in any way."""
    partner = request.caller
    member_id = await find_one(partner, request.path("member"))
    view = await partner.resources.directory.overview(member_id, request.now)
    answer = PartnerMemberAnswer(
        member_id=view.member_id,
        nickname=view.nickname,
        phone=await masked_phone_of(partner.resources.pool, partner.resources.settings.keyring, member_id),
        balance=view.balance,
        pending=view.pending,
        debt=view.debt,
        growth=view.growth,
        tier=tier_view(view.tier),
        next_tier=tier_view(view.next_tier) if view.next_tier else None,
        points_to_next_tier=view.points_to_next_tier,
        benefits=view.tier.benefits,
        expiring=view.expiring,
    )
    return json_answer(answer)


OPERATIONS = (
    PARTNERS["members"].get(
        "/members/{member}",
        show_member,
        "查会员",
        PartnerMemberAnswer,
        problems=(SCOPE_MISSING, UNKNOWN_MEMBER, MEMBER_CODE_INVALID, MEMBER_CODE_LIMITED),
    ),
)
