"""/packs: the acceleration packs that can be taken, and taking one."""

from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from loyalty.earning.packs.commands import TakePack
from loyalty.earning.packs.outcomes import PackInUse, PackLimitReached, PackNotForTier, PackTaken, UnknownPack
from loyalty.earning.packs.views import PackView, packs_of
from loyalty.engine.refusals import AccountAhead, AccountClosed, NotEnoughPoints
from loyalty.ledger.ids import Id
from loyalty.shown.outcomes import PriceChanged
from miniapp_api.requests import MEMBER, MemberRequest, asked_by
from web.answers import json_answer
from web.bodies import Body
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, page_of_list
from web.refusals import kinds_of


class PackBody(Body):
    """Take a pack at `price_points`, the price that the member was shown; without it at the one in force."""

    pack_id: Id
    price_points: Annotated[int, Field(ge=0)] | None = None


class PackAnswer(TypedDict):
    """The pack works up to the day before `until`, or until it brought `points` more."""

    pack_id: str
    name: str
    until: date
    points: int
    price_points: int
    balance: int


async def list_packs(request: MemberRequest) -> web.Response:
    """The packs, in the order of the rules, with those that the member has."""
    caller = request.caller
    packs = await packs_of(caller.resources.pool, caller.member_id, caller.live, request.now)
    return json_answer(page_of_list(request.http, f"packs:{caller.live.version}", packs))


async def take_pack(request: MemberRequest, body: PackBody) -> web.Response:
    """Take a pack."""
    command = TakePack(**asked_by(request), pack=body.pack_id, price_points=body.price_points)
    return await request.answer(command, PackTaken, _taken, status=201)


def _taken(outcome: PackTaken) -> PackAnswer:
    return PackAnswer(
        pack_id=outcome.pack,
        name=outcome.name,
        until=outcome.until,
        points=outcome.points,
        price_points=outcome.price_points,
        balance=outcome.balance,
    )


OPERATIONS = (
    MEMBER.get("/packs", list_packs, "加速包", Page[PackView], query=PAGE_QUERY, problems=PAGE_PROBLEMS),
    MEMBER.with_body(
        "POST",
        "/packs",
        take_pack,
        "领取加速包",
        PackBody,
        PackAnswer,
        status=201,
        keyed="required",
        problems=kinds_of(
            UnknownPack, PackNotForTier, PackLimitReached, PackInUse, PriceChanged, NotEnoughPoints,
            AccountClosed, AccountAhead,
        ),
    ),
)  # fmt: skip
