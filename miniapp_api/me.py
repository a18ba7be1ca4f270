"""/me: the member's points, tier and sign-in, the profile, the code for the till, and 积分明细."""

from datetime import date, datetime
from typing import Annotated, Final

from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints
from typing_extensions import TypedDict

from channels.nicknames import check_nickname
from loyalty.entries import Direction, EntryView, entries
from loyalty.ledger.balance import Expiring, Opening
from loyalty.members.codes import member_code
from loyalty.members.nickname import clean_nickname
from loyalty.members.phones import PhoneTaken, bind_phone, masked_phone_of
from loyalty.members.profile import profile_of, rename, set_birthday, set_opt_out, show_title
from loyalty.members.reserved import reserved_word
from loyalty.merging.waiting import join_waiting
from loyalty.overview import Overview
from loyalty.tiers.views import TierView, tier_view
from miniapp_api.requests import MEMBER, MemberRequest
from miniapp_api.wechat_problems import WECHAT_UNAVAILABLE, wechat_problem
from web.answers import json_answer
from web.bodies import Body
from web.operations import Parameter
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, page, read_page_request
from web.problems import INVALID, Kind, Problem
from wechat.errors import ApiError, LoginRejected

NICKNAME_REFUSED = Kind("nickname_refused", 422, "不能用这个昵称")
PHONE_CODE_INVALID = Kind("phone_code_invalid", 409, "手机号凭证无效")
DAY_OF_YEAR: Final = "^((0[1-9]|1[0-2])-(0[1-9]|[12][0-9])|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31)$"
"""A month and a day of it, such as 02-29: a pattern, so that the description says exactly what is accepted."""
DIRECTION_PATTERN: Final = "^(in|out)$"
DIRECTION_WORDS: Final = "in 只要进账，out 只要出账；不写就都要"
PHONE_TAKEN = Kind("phone_taken", 409, "手机号已被绑定")


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
    opening: tuple[Opening, ...]
    debt: int
    growth: int
    tier: TierView
    next_tier: TierView | None
    points_to_next_tier: int | None
    expiring: tuple[Expiring, ...]
    check_in: TodayAnswer


class ProfileBody(Body):
    """Facts that the member tells of themselves; an absent one stays as it is. `phone_code` is what `getPhoneNumber` gave.

    `show_title`: others may see the title of the member's tier. `wants_notices`: they may be reminded and told what happened.
    """

    nickname: Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_nickname)] = Field(
        default_factory=str
    )
    phone_code: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,256}$")] = Field(default_factory=str)
    birthday: Annotated[str, StringConstraints(pattern=DAY_OF_YEAR)] = Field(default_factory=str)
    show_title: bool = Field(default_factory=bool)
    wants_notices: bool = Field(default_factory=bool)


class ProfileAnswer(TypedDict):
    """The profile as its member sees it: the number without its middle, and from when a changed birthday counts."""

    nickname: str | None
    phone: str | None
    birthday: str | None
    birthday_from: date | None
    show_title: bool
    wants_notices: bool


class MemberCodeAnswer(TypedDict):
    """The code that the member shows at the till, and when the next one follows."""

    code: str
    expires_at: datetime


async def show_me(request: MemberRequest) -> web.Response:
    """The member now."""
    return json_answer(me_answer(request.caller.overview))


async def show_profile(request: MemberRequest) -> web.Response:
    """What the member has told of themselves."""
    caller, resources = request.caller, request.caller.resources
    profile = await profile_of(caller.member_id)
    phone = await masked_phone_of(resources.pool, resources.settings.keyring, caller.member_id)
    counts_from = profile.birthday_from
    is_later = counts_from is not None and counts_from > caller.live.day(request.now)
    answer = ProfileAnswer(
        nickname=profile.nickname,
        phone=phone,
        birthday=profile.birthday,
        birthday_from=counts_from if is_later else None,
        show_title=profile.title_shown,
        wants_notices=not profile.notices_opted_out,
    )
    return json_answer(answer)


async def change_profile(request: MemberRequest, body: ProfileBody) -> web.Response:
    """Set what the body names: all of it, or nothing."""
    overview, member_id = request.caller.overview, request.caller.member_id
    checked = await _check_nickname(request, body) if "nickname" in body.model_fields_set else None
    if "phone_code" in body.model_fields_set:
        member_id = await _bind_phone(request, body.phone_code)
        overview = await request.caller.resources.directory.overview(member_id, request.now)
    if "birthday" in body.model_fields_set:
        await set_birthday(member_id, body.birthday, request.caller.live.day(request.now))
    if "show_title" in body.model_fields_set:
        await show_title(member_id, shown=body.show_title)
    if "wants_notices" in body.model_fields_set:
        await set_opt_out(member_id, opted_out=not body.wants_notices)
    if checked is not None:
        await rename(member_id, body.nickname, checked=checked)
        overview = overview._replace(nickname=body.nickname)
    return json_answer(me_answer(overview))


async def _check_nickname(request: MemberRequest, body: ProfileBody) -> bool:
    """Whether others may see the new nickname whole. Raises Problem for one that must not be used."""
    caller, programme = request.caller, request.caller.live.rules.programme
    if word := reserved_word(body.nickname, (programme.brand, programme.name)):
        raise Problem(NICKNAME_REFUSED, f"昵称里不能有「{word}」，别人会以为是官方。")
    resources = caller.resources
    verdict = await check_nickname(resources.pool, resources.mini_program, caller.member_id, body.nickname)
    if verdict == "refused":
        raise Problem(NICKNAME_REFUSED, "微信的内容检查没有通过这个昵称，请换一个。")
    return verdict == "passed"


async def _bind_phone(request: MemberRequest, code: str) -> int:
    """Bind the number that WeChat gives for the code; the member, perhaps one imported with it. Raises Problem 409 and 503."""
    caller = request.caller
    try:
        number = await caller.resources.mini_program.phone_number(code)
        member_id = await join_waiting(caller.engine, caller.resources.pool, caller.member_id, number)
        await bind_phone(caller.engine, member_id, number, request.now)
    except LoginRejected as error:
        raise Problem(PHONE_CODE_INVALID, "手机号凭证无效或已用过，请重新授权。") from error
    except ApiError as error:
        raise wechat_problem(error, caller.resources.clock.now(), "绑定手机号") from error
    except PhoneTaken as error:
        raise Problem(PHONE_TAKEN, "这个手机号已经绑定在另一位会员上，如是本人请联系客服合并。") from error
    return member_id


async def show_code(request: MemberRequest) -> web.Response:
    """The member's code at this moment."""
    caller = request.caller
    shown = member_code(caller.resources.settings.keyring, caller.member_id, request.now)
    return json_answer(MemberCodeAnswer(code=shown.code, expires_at=shown.expires_at))


async def list_entries(request: MemberRequest) -> web.Response:
    """积分明细."""
    direction = _direction_asked(request.http.query.get("direction"))
    name = f"entries-{direction}" if direction else "entries"
    asked = read_page_request(request.http, name, (64,))
    before = asked.after[0] if asked.after else None
    found = await entries(request.caller.member_id, before=before, limit=asked.limit + 1, direction=direction)
    return json_answer(page(name, found, asked, lambda entry: (entry.id,)))


def _direction_asked(text: str | None) -> Direction | None:
    match text:
        case None:
            return None
        case "in" | "out":
            return text
        case _:
            raise Problem(INVALID, "direction 应为 in 或 out。")


def me_answer(view: Overview) -> MeAnswer:
    """The overview as the API shows it."""
    return {
        "member_id": view.member_id,
        "nickname": view.nickname,
        "balance": view.balance,
        "pending": view.pending,
        "opening": view.opening,
        "debt": view.debt,
        "growth": view.growth,
        "tier": tier_view(view.tier),
        "next_tier": tier_view(view.next_tier) if view.next_tier else None,
        "points_to_next_tier": view.points_to_next_tier,
        "expiring": view.expiring,
        "check_in": {"today": view.checked_in_today, "streak": view.streak},
    }


OPERATIONS = (
    MEMBER.get("/me", show_me, "我的积分", MeAnswer),
    MEMBER.get("/me/profile", show_profile, "我的资料", ProfileAnswer),
    MEMBER.with_body(
        "PUT",
        "/me/profile",
        change_profile,
        "修改资料",
        ProfileBody,
        MeAnswer,
        problems=(NICKNAME_REFUSED, PHONE_CODE_INVALID, PHONE_TAKEN, WECHAT_UNAVAILABLE),
    ),
    MEMBER.get("/me/code", show_code, "会员码", MemberCodeAnswer),
    MEMBER.get(
        "/me/entries",
        list_entries,
        "积分明细",
        Page[EntryView],
        query=(*PAGE_QUERY, Parameter("direction", DIRECTION_WORDS, pattern=DIRECTION_PATTERN)),
        problems=PAGE_PROBLEMS,
    ),
)
