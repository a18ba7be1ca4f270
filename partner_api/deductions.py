"""/quotes and /deductions: what points pay of an order; setting them aside for it, then confirming or giving them back."""

from datetime import datetime
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from loyalty.deductions.commands import CaptureHold, HoldPoints, ReleaseHold
from loyalty.deductions.outcomes import (
    CaptureTooLarge,
    DeductionsOff,
    HoldCaptured,
    HoldClosed,
    HoldReleased,
    HoldTimedOut,
    OrderHasHold,
    OrderTooSmall,
    PointsHeld,
    TooFewPoints,
    TooManyPoints,
    UnknownHold,
)
from loyalty.deductions.views import quote_of, store_of_hold
from loyalty.deductions.words import hint
from loyalty.earning.outcomes import UnknownStore
from loyalty.engine.refusals import (
    AccountAhead,
    AccountClosed,
    MemberMerged,
    NotEnoughPoints,
    SpendingFrozen,
)
from loyalty.ledger.ids import deduction_id, deduction_key
from partner_api.event_bodies import MOST_FEN, MemberBody, Name, Word
from partner_api.finding import MEMBER_CODE_INVALID, MEMBER_CODE_LIMITED, UNKNOWN_MEMBER, find_member
from partner_api.requests import PARTNERS, SCOPE_MISSING, STORE_OF_ANOTHER, PartnerRequest, check_store
from web.answers import json_answer
from web.bodies import Body, Nothing
from web.problems import Kind, Problem
from web.refusals import kind_of, kinds_of, refused

MOST_POINTS: Final = 10_000_000
STORE_MISSING: Final = Kind("store_missing", 422, "没有写门店")

Fen = Annotated[int, Field(ge=1, le=MOST_FEN)]
Points = Annotated[int, Field(ge=1, le=MOST_POINTS)]


class QuoteBody(Body):
    """The member, and the amount of the order."""

    member: MemberBody
    amount_fen: Fen


class QuoteAnswer(TypedDict):
    """The most that points pay of the order; `hint` is shown to the member as it is."""

    max_points: int
    deduct_fen: int
    hint: str


class HoldBody(Body):
    """Points to set aside for an order. A key that is bound to a store need not name it."""

    member: MemberBody
    order_id: Word
    store_id: Name | None = None
    amount_fen: Fen
    points: Points


class HeldAnswer(TypedDict):
    """The points are set aside until `deadline`."""

    id: str
    order_id: str
    store_id: str
    points: int
    deduct_fen: int
    deadline: datetime
    balance: int


class ConfirmBody(Body):
    """How many of the points the order took; all of them where it says nothing."""

    points: Points | None = None


class EndedAnswer(TypedDict):
    """`points` paid `deduct_fen`; `released` went back, `lapsed` of which had expired since and cannot be used."""

    id: str
    order_id: str
    store_id: str
    state: Literal["captured", "cancelled"]
    points: int
    deduct_fen: int
    released: int
    lapsed: int
    balance: int


async def quote(request: PartnerRequest, body: QuoteBody) -> web.Response:
    """What points can pay of an order; nothing is set aside."""
    partner = request.caller
    member_id = await find_member(partner, [body.member.ref])
    live = await partner.resources.directory.rules(request.now)
    found = await quote_of(partner.resources.pool, member_id, body.amount_fen, live, request.now)
    if found is None:
        raise refused(DeductionsOff())
    answer = QuoteAnswer(
        max_points=found.max_points, deduct_fen=found.deduct_fen, hint=hint(found.deduct_fen)
    )
    return json_answer(answer)


async def hold_points(request: PartnerRequest, body: HoldBody) -> web.Response:
    """Set points aside for an order."""
    partner = request.caller
    store = await _store(request, body.store_id)
    command = HoldPoints(
        member_id=await find_member(partner, [body.member.ref]), request_key=request.required_key, keep_refusal=True,
        at=request.now, order=body.order_id, store=store, amount_fen=body.amount_fen, points=body.points,
    )  # fmt: skip
    return await request.answer(
        command, PointsHeld, lambda outcome: _held(command.member_id, outcome), status=201
    )


async def confirm_deduction(request: PartnerRequest, body: ConfirmBody) -> web.Response:
    """Spend the points that were set aside, or a part of them."""
    member_id, number = await _named(request)
    command = CaptureHold(
        member_id=member_id, request_key=request.required_key, keep_refusal=True, at=request.now, hold=number,
        points=body.points,
    )  # fmt: skip
    return await request.answer(command, HoldCaptured, lambda outcome: _captured(member_id, outcome))


async def cancel_deduction(request: PartnerRequest, _: Nothing) -> web.Response:
    """Return the points that were set aside."""
    member_id, number = await _named(request)
    command = ReleaseHold(
        member_id=member_id, request_key=request.required_key, keep_refusal=True, at=request.now, hold=number
    )
    return await request.answer(command, HoldReleased, lambda outcome: _released(member_id, outcome))


async def _store(request: PartnerRequest, named: str | None) -> str:
    """The store that the order is of. Raises Problem 403 for one that is not the key's, 422 for none and an unknown one."""
    key = request.caller.key
    check_store(key, named)
    store = named or key.store
    if store is None:
        raise Problem(STORE_MISSING, "这个密钥没有限定门店，请写明 store_id。")
    live = await request.caller.resources.directory.rules(request.now)
    if live.rules.stores and store not in {one.id for one in live.rules.stores}:
        raise refused(UnknownStore(store))
    return store


async def _named(request: PartnerRequest) -> tuple[int, int]:
    """The member and number of the deduction in the path. Raises Problem 404, also for one of a store that is not the key's."""
    key, partner = deduction_key(request.path("deduction")), request.caller
    if key is None:
        raise refused(UnknownHold(0))
    store = await store_of_hold(partner.resources.pool, *key)
    if store is None or partner.key.store not in (None, store):
        raise refused(UnknownHold(key[1]))
    return key


def _held(member_id: int, outcome: PointsHeld) -> HeldAnswer:
    return HeldAnswer(
        id=deduction_id(member_id, outcome.hold), order_id=outcome.order, store_id=outcome.store, points=outcome.points,
        deduct_fen=outcome.deduct_fen, deadline=outcome.deadline, balance=outcome.balance,
    )  # fmt: skip


def _captured(member_id: int, outcome: HoldCaptured) -> EndedAnswer:
    return EndedAnswer(
        id=deduction_id(member_id, outcome.hold), order_id=outcome.order, store_id=outcome.store, state="captured",
        points=outcome.captured, deduct_fen=outcome.deduct_fen, released=outcome.released, lapsed=outcome.lapsed,
        balance=outcome.balance,
    )  # fmt: skip


def _released(member_id: int, outcome: HoldReleased) -> EndedAnswer:
    return EndedAnswer(
        id=deduction_id(member_id, outcome.hold), order_id=outcome.order, store_id=outcome.store, state="cancelled", points=0,
        deduct_fen=0, released=outcome.points, lapsed=outcome.lapsed, balance=outcome.balance,
    )  # fmt: skip


_FINDING: Final = (SCOPE_MISSING, UNKNOWN_MEMBER, MEMBER_CODE_INVALID, MEMBER_CODE_LIMITED)
_ENDING: Final = (UnknownHold, HoldClosed, AccountClosed, AccountAhead, MemberMerged)
_HOLDING: Final = (
    DeductionsOff, OrderTooSmall, TooManyPoints, TooFewPoints, OrderHasHold, NotEnoughPoints, UnknownStore, AccountClosed,
    AccountAhead, SpendingFrozen,
)  # fmt: skip

OPERATIONS = (
    PARTNERS["deductions"].with_body(
        "POST", "/quotes", quote, "报价", QuoteBody, QuoteAnswer, problems=(*_FINDING, kind_of(DeductionsOff))
    ),
    PARTNERS["deductions"].with_body(
        "POST", "/deductions", hold_points, "扣住积分", HoldBody, HeldAnswer, status=201, keyed="required",
        problems=(*_FINDING, STORE_OF_ANOTHER, STORE_MISSING, *kinds_of(*_HOLDING)),
    ),
    PARTNERS["deductions"].with_body(
        "POST", "/deductions/{deduction}/confirm", confirm_deduction, "确认抵扣", ConfirmBody, EndedAnswer, keyed="required",
        problems=(SCOPE_MISSING, *kinds_of(*_ENDING, HoldTimedOut, CaptureTooLarge)),
    ),
    PARTNERS["deductions"].with_body(
        "POST", "/deductions/{deduction}/cancel", cancel_deduction, "取消抵扣", Nothing, EndedAnswer, keyed="required",
        problems=(SCOPE_MISSING, *kinds_of(*_ENDING)),
    ),
)  # fmt: skip
