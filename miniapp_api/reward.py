"""/rewards: the rewards that points can be exchanged for."""

from datetime import date

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.rewards.outcomes import UnknownReward
from loyalty.rewards.views import RewardView, rewards
from miniapp_api.requests import MEMBER, MemberRequest
from web.answers import json_answer
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, page_of_list
from web.refusals import kinds_of, refused


class RewardAnswer(TypedDict):
    """A reward as this member sees it now. `reason` says why they cannot redeem it; `stock_left` null means unlimited.

    `price_points` is this member's price; `old_price_until` is the day from which on it is `new_price_points`.
    """

    id: str
    name: str
    kind: str
    price_points: int
    new_price_points: int | None
    old_price_until: date | None
    price_fen: int
    stock_left: int | None
    eligible: bool
    reason: str | None
    terms: str
    cancel_hours: int
    picture: str | None


async def list_rewards(request: MemberRequest) -> web.Response:
    """Every reward."""
    live = request.caller.live
    found = await rewards(request.caller.member_id, live, request.now)
    return json_answer(page_of_list(request.http, f"rewards:{live.version}", found).of(_reward))


async def show_reward(request: MemberRequest) -> web.Response:
    """One reward."""
    reward_id = request.path("reward")
    member = request.caller
    found = await rewards(member.member_id, member.live, request.now)
    reward = next((reward for reward in found if reward.id == reward_id), None)
    if reward is None:
        raise refused(UnknownReward(reward_id))
    return json_answer(_reward(reward))


def _reward(view: RewardView) -> RewardAnswer:
    return RewardAnswer(
        id=view.id,
        name=view.name,
        kind=view.kind,
        price_points=view.price_points,
        new_price_points=view.new_price_points,
        old_price_until=view.old_price_until,
        price_fen=view.price_fen,
        stock_left=view.stock_left,
        eligible=view.eligible,
        reason=view.reason,
        terms=view.terms,
        cancel_hours=view.cancel_hours,
        picture=view.picture,
    )


OPERATIONS = (
    MEMBER.get(
        "/rewards", list_rewards, "积分商城", Page[RewardAnswer], query=PAGE_QUERY, problems=PAGE_PROBLEMS
    ),
    MEMBER.get("/rewards/{reward}", show_reward, "一件礼品", RewardAnswer, problems=kinds_of(UnknownReward)),
)
