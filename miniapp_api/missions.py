"""/missions: the missions that are open now, with the member's progress."""

from aiohttp import web

from loyalty.missions.views import MissionView, missions
from miniapp_api.requests import MEMBER, MemberRequest
from web.answers import json_answer
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, page_of_list


async def list_missions(request: MemberRequest) -> web.Response:
    """Every open mission in the order of the rules."""
    caller = request.caller
    found = await missions(caller.resources.pool, caller.member_id, caller.live, request.now)
    return json_answer(page_of_list(request.http, f"missions:{caller.live.version}", found))


OPERATIONS = (
    MEMBER.get(
        "/missions", list_missions, "任务列表", Page[MissionView], query=PAGE_QUERY, problems=PAGE_PROBLEMS
    ),
)
