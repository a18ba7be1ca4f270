"""/extensions: the points whose lapse a member can put off, and putting it off."""

from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from loyalty.engine.refusals import AccountAhead, AccountClosed, NotEnoughPoints, SpendingFrozen
from loyalty.expiry.extension.commands import ExtendPoints
from loyalty.expiry.extension.outcomes import (
    AlreadyExtended,
    ExtensionsOff,
    NothingToExtend,
    PointsExtended,
    TooEarlyToExtend,
)
from loyalty.expiry.extension.views import ExtensionOffer, extension_offer
from loyalty.shown.outcomes import PriceChanged
from miniapp_api.requests import MEMBER, MemberRequest, asked_by
from web.answers import json_answer
from web.bodies import Body, IsoDate
from web.refusals import kinds_of, refused


class ExtensionBody(Body):
    """Put off the points that lapse on `expires_on`. `price_points` is the price the member was shown; leave it out if it was 0."""

    expires_on: IsoDate
    price_points: Annotated[int, Field(ge=1)] | None = None


class ExtensionAnswer(TypedDict):
    """`points` that lapsed on `expires_on` now lapse on `extended_to`; it cost `price_points`."""

    expires_on: date
    extended_to: date
    points: int
    price_points: int
    balance: int


async def extend_points(request: MemberRequest, body: ExtensionBody) -> web.Response:
    """Put off the lapse of the points of one day."""
    command = ExtendPoints(**asked_by(request), expires_on=body.expires_on, price_points=body.price_points)
    return await request.answer(command, PointsExtended, _extended, status=201)


def _extended(outcome: PointsExtended) -> ExtensionAnswer:
    return ExtensionAnswer(
        expires_on=outcome.expires_on,
        extended_to=outcome.extended_to,
        points=outcome.points,
        price_points=outcome.price_points,
        balance=outcome.balance,
    )


async def show_extensions(request: MemberRequest) -> web.Response:
    """The points that can be put off now."""
    caller = request.caller
    offer = await extension_offer(caller.resources.pool, caller.member_id, caller.live, request.now)
    if offer is None:
        raise refused(ExtensionsOff())
    return json_answer(offer)


OPERATIONS = (
    MEMBER.with_body(
        "POST",
        "/extensions",
        extend_points,
        "积分延期",
        ExtensionBody,
        ExtensionAnswer,
        status=201,
        keyed="required",
        problems=kinds_of(
            ExtensionsOff, AlreadyExtended, TooEarlyToExtend, NothingToExtend, PriceChanged, NotEnoughPoints,
            AccountClosed, AccountAhead, SpendingFrozen,
        ),
    ),
    MEMBER.get(
        "/extensions", show_extensions, "可以延期的积分", ExtensionOffer, problems=kinds_of(ExtensionsOff)
    ),
)  # fmt: skip
