"""/me: the member's points, tier and sign-in, the profile, and 积分明细."""

from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints
from typing_extensions import TypedDict

from channels.nicknames import check_nickname
from loyalty.entries import EntryView, entries
from loyalty.ledger.balance import Expiring
from loyalty.members.nickname import clean_nickname
from loyalty.members.profile import rename
from loyalty.members.reserved import reserved_word
from loyalty.overview import Overview
from loyalty.tiers import Tier
from miniapp_api.requests import MEMBER, MemberRequest
from web.answers import json_answer
from web.bodies import Body
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, page, read_page_request
from web.problems import Kind, Problem

NICKNAME_REFUSED = Kind("nickname_refused", 422, "不能用这个昵称")


class TodayAnswer(TypedDict):
    """Whether the member has signed in today, and the days in a row."""

    today: bool
    streak: int


class MeAnswer(TypedDict):
    """The member at a glance."""

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
    check_in: TodayAnswer


class ProfileBody(Body):
    """Facts that the member tells of themselves; an absent one stays as it is."""

    nickname: Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_nickname)] = Field(
        default_factory=str
    )


async def show_me(request: MemberRequest) -> web.Response:
    """The member now."""
    return json_answer(me_answer(request.caller.overview))


async def change_profile(request: MemberRequest, body: ProfileBody) -> web.Response:
    """Set what the body names."""
    if "nickname" not in body.model_fields_set:
        return await show_me(request)
    caller, programme = request.caller, request.caller.live.rules.programme
    if word := reserved_word(body.nickname, (programme.brand, programme.name)):
        raise Problem(NICKNAME_REFUSED, f"昵称里不能有「{word}」，别人会以为是官方。")
    resources = caller.resources
    verdict = await check_nickname(resources.pool, resources.mini_program, caller.member_id, body.nickname)
    if verdict == "refused":
        raise Problem(NICKNAME_REFUSED, "微信的内容检查没有通过这个昵称，请换一个。")
    await rename(caller.member_id, body.nickname, checked=verdict == "passed")
    return json_answer(me_answer(request.caller.overview._replace(nickname=body.nickname)))


async def list_entries(request: MemberRequest) -> web.Response:
    """积分明细."""
    asked = read_page_request(request.http, "entries", (64,))
    before = asked.after[0] if asked.after else None
    found = await entries(request.caller.member_id, before=before, limit=asked.limit + 1)
    return json_answer(page("entries", found, asked, lambda entry: (entry.id,)))


def me_answer(view: Overview) -> MeAnswer:
    """The overview as the API shows it."""
    return {
        "member_id": view.member_id,
        "nickname": view.nickname,
        "balance": view.balance,
        "pending": view.pending,
        "debt": view.debt,
        "growth": view.growth,
        "tier": view.tier,
        "next_tier": view.next_tier,
        "points_to_next_tier": view.points_to_next_tier,
        "expiring": view.expiring,
        "check_in": {"today": view.checked_in_today, "streak": view.streak},
    }


OPERATIONS = (
    MEMBER.get("/me", show_me, "我的积分", MeAnswer),
    MEMBER.with_body(
        "PUT", "/me/profile", change_profile, "修改资料", ProfileBody, MeAnswer, problems=(NICKNAME_REFUSED,)
    ),
    MEMBER.get(
        "/me/entries", list_entries, "积分明细", Page[EntryView], query=PAGE_QUERY, problems=PAGE_PROBLEMS
    ),
)
