"""/check-ins/repairs: the days a member can mend, and mending one."""

from datetime import date
from typing import Annotated

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from loyalty.checkin.outcomes import AlreadyCheckedIn
from loyalty.checkin.repair.commands import RepairCheckIn
from loyalty.checkin.repair.outcomes import (
    CheckInRepaired,
    NoRepairCard,
    NotRepairable,
    RepairLimitReached,
    RepairsOff,
)
from loyalty.checkin.repair.views import RepairOffer, repair_offer
from loyalty.engine.refusals import AccountAhead, AccountClosed, NotEnoughPoints, SpendingFrozen
from loyalty.shown.outcomes import PriceChanged
from miniapp_api.requests import MEMBER, MemberRequest, asked_by
from web.answers import json_answer
from web.bodies import Body, IsoDate
from web.refusals import kinds_of, refused


class RepairBody(Body):
    """Mend `day`. `price_points` is the price the member was shown; leave it out to use a card that is held."""

    day: IsoDate
    price_points: Annotated[int, Field(ge=1)] | None = None


class RepairAnswer(TypedDict):
    """The mended day: the `streak`-th in a row. It paid `points`, and cost `price_points` (0: a card was used)."""

    day: date
    streak: int
    points: int
    price_points: int
    cards_left: int
    balance: int


async def repair(request: MemberRequest, body: RepairBody) -> web.Response:
    """Mend a missed day with a card that is held, or at the price that was shown."""
    command = RepairCheckIn(**asked_by(request), day=body.day, price_points=body.price_points)
    return await request.answer(command, CheckInRepaired, _repaired, status=201)


def _repaired(outcome: CheckInRepaired) -> RepairAnswer:
    return RepairAnswer(
        day=outcome.day,
        streak=outcome.streak,
        points=outcome.points,
        price_points=outcome.price_points,
        cards_left=outcome.cards_left,
        balance=outcome.balance,
    )


async def show_offer(request: MemberRequest) -> web.Response:
    """The days that can be mended now."""
    caller = request.caller
    offer = await repair_offer(caller.resources.pool, caller.member_id, caller.live, request.now)
    if offer is None:
        raise refused(RepairsOff())
    return json_answer(offer)


OPERATIONS = (
    MEMBER.with_body(
        "POST",
        "/check-ins/repairs",
        repair,
        "补签",
        RepairBody,
        RepairAnswer,
        status=201,
        keyed="required",
        problems=kinds_of(
            RepairsOff, NotRepairable, AlreadyCheckedIn, RepairLimitReached, NoRepairCard, PriceChanged,
            NotEnoughPoints, AccountClosed, AccountAhead, SpendingFrozen,
        ),
    ),
    MEMBER.get(
        "/check-ins/repairs", show_offer, "可以补签的日子", RepairOffer, problems=kinds_of(RepairsOff)
    ),
)  # fmt: skip
