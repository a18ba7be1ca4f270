"""/me/appeal: whether the account is frozen and why, and what the member has to say about it."""

from datetime import datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import StringConstraints
from typing_extensions import TypedDict

from loyalty.adjustments.outcomes import NotFrozen
from loyalty.appeals.views import LONGEST, Appeal, Standing, open_appeal
from loyalty.cases.views import standing_with_case
from loyalty.engine.refusals import RequestKeyReused
from miniapp_api.requests import MEMBER, MemberRequest
from web.answers import json_answer
from web.bodies import Body
from web.problems import Kind, Problem
from web.refusals import kinds_of, refused

APPEAL_OPEN = Kind("appeal_open", 409, "上次的申诉还在处理")


class AppealBody(Body):
    """The text, of 1 to 500 characters, of which one can be read."""

    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST, pattern="[!-~一-鿿]")
    ]


class AppealView(TypedDict):
    """The latest appeal, and its answer where it has one."""

    text: str
    state: Literal["open", "answered"]
    opened_at: datetime
    answer: str | None
    released: bool | None


class StandingAnswer(TypedDict):
    """Whether the account is frozen or can only spend nothing, why, and the latest appeal."""

    frozen: bool
    spending_frozen: bool
    reason: str | None
    appeal: AppealView | None


async def show_appeal(request: MemberRequest) -> web.Response:
    """How the account stands."""
    caller = request.caller
    return json_answer(_answer(await standing_with_case(caller.resources.pool, caller.member_id)))


async def create_appeal(request: MemberRequest, body: AppealBody) -> web.Response:
    """Store the appeal; one is open at a time."""
    caller, key = request.caller, f"api:{request.required_key}"
    before = await standing_with_case(caller.resources.pool, caller.member_id)
    standing = await open_appeal(caller.resources.pool, caller.member_id, key, body.text, request.now)
    latest = standing.latest
    if latest is not None and latest.id == key:
        if latest.text != body.text:
            raise refused(RequestKeyReused())
        replayed = before.latest is not None and before.latest.id == key
        return json_answer(_answer(standing), status=201, replayed=replayed)
    if not standing.may_appeal:
        raise refused(NotFrozen())
    raise Problem(APPEAL_OPEN, "上次的申诉还在处理，有答复后可以再申诉。")


def _answer(standing: Standing) -> StandingAnswer:
    latest = standing.latest
    return StandingAnswer(
        frozen=standing.is_frozen,
        spending_frozen=standing.is_limited,
        reason=standing.reason,
        appeal=None if latest is None else _view(latest),
    )


def _view(appeal: Appeal) -> AppealView:
    return AppealView(
        text=appeal.text, state="answered" if appeal.state == "answered" else "open", opened_at=appeal.opened_at,
        answer=appeal.answer, released=appeal.released,
    )  # fmt: skip


OPERATIONS = (
    MEMBER.get("/me/appeal", show_appeal, "账户是否冻结，以及申诉", StandingAnswer),
    MEMBER.with_body(
        "POST",
        "/me/appeal",
        create_appeal,
        "申诉",
        AppealBody,
        StandingAnswer,
        status=201,
        keyed="required",
        problems=(APPEAL_OPEN, *kinds_of(NotFrozen)),
    ),
)
