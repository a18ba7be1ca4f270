"""/rewards: what points can be exchanged for."""

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.rewards.outcomes import UnknownReward
from loyalty.rewards.views import RewardView, rewards
from miniapp_api.visits import Visit, shows
from web.answers import json_answer
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, page_of_list
from web.refusals import kind_of, refused


class RewardAnswer(TypedDict):
    """A reward as this member meets it now; `reason` says why it cannot be had, `stock_left` null is endless."""

    id: str
    name: str
    kind: str
    price_points: int
    price_fen: int
    stock_left: int | None
    eligible: bool
    reason: str | None
    terms: str


async def list_rewards(visit: Visit) -> web.Response:
    """Every reward."""
    live = visit.live
    found = await rewards(visit.member_id, live, visit.now)
    return json_answer(page_of_list(visit.request, f"rewards:{live.version}", found).of(_reward))


async def show_reward(visit: Visit) -> web.Response:
    """One reward."""
    reward_id = visit.path("reward")
    found = await rewards(visit.member_id, visit.live, visit.now)
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
        price_fen=view.price_fen,
        stock_left=view.stock_left,
        eligible=view.eligible,
        reason=view.reason,
        terms=view.terms,
    )


OPERATIONS = (
    shows("/rewards", list_rewards, "积分商城", Page[RewardAnswer], query=PAGE_QUERY, problems=PAGE_PROBLEMS),
    shows("/rewards/{reward}", show_reward, "一件礼品", RewardAnswer, problems=(kind_of(UnknownReward),)),
)
