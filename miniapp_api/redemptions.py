"""/redemptions: exchange points for a reward, list and show the member's vouchers, cancel an unused one."""

from datetime import date, datetime
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from loyalty.engine.refusals import AccountAhead, AccountClosed, NotEnoughPoints, SpendingFrozen
from loyalty.ledger.ids import Id, redemption_id, redemption_key
from loyalty.rewards.commands import Cancel, Redeem
from loyalty.rewards.outcomes import (
    Cancelled,
    NotCancellable,
    OutOfStock,
    Redeemed,
    UnknownRedemption,
    UnknownReward,
)
from loyalty.rewards.views import RedemptionView, redemption, redemptions
from loyalty.shown.outcomes import PriceChanged
from loyalty.vouchers.outcomes import VoucherNotUsable
from loyalty.vouchers.rotating import voucher_code_now
from loyalty.vouchers.views import VoucherKey
from miniapp_api.requests import MEMBER, MemberRequest, asked_by
from web.answers import json_answer
from web.bodies import Body, Nothing
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, page, read_page_request
from web.refusals import kinds_of, refused

MOST_POINTS: Final = 10_000_000
MOST_FEN: Final = 100_000_000
"""Prices that a client may send: one above what the rules can set is as malformed as a negative one."""


class RedeemBody(Body):
    """The reward, and how many of it. Where the client sends the price of one piece that it showed, no other is paid."""

    reward_id: Id
    quantity: Annotated[int, Field(ge=1, le=100)]
    price_points: Annotated[int, Field(ge=0, le=MOST_POINTS)] | None = None
    price_fen: Annotated[int, Field(ge=0, le=MOST_FEN)] | None = None


class RedeemedAnswer(TypedDict):
    """The new voucher; `payment` is null, because rewards cost points only."""

    id: str
    state: str
    name: str
    quantity: int
    points: int
    voucher: str | None
    payment: None
    expires_on: date
    cancellable_until: datetime | None
    balance: int


class CancelledAnswer(TypedDict):
    """`points` went back to the lots they came from; `lapsed` of them had expired since and cannot be used."""

    id: str
    state: str
    name: str
    points: int
    lapsed: int
    balance: int


class RedemptionAnswer(TypedDict):
    """A voucher of the member with its present code; it is valid until the day before `expires_on`."""

    id: str
    source: str
    name: str
    quantity: int
    points: int
    state: str
    voucher: str | None
    terms: str
    expires_on: date
    created_at: datetime
    cancellable: bool
    cancellable_until: datetime | None


class VoucherCodeAnswer(TypedDict):
    """The code that the member shows at the counter, and when the next one follows."""

    code: str
    expires_at: datetime


async def create_redemption(request: MemberRequest, body: RedeemBody) -> web.Response:
    """Exchange points for a reward."""
    command = Redeem(
        **asked_by(request),
        reward=body.reward_id,
        quantity=body.quantity,
        price_points=body.price_points,
        price_fen=body.price_fen,
    )
    return await request.answer(command, Redeemed, _redeemed, status=201)


async def list_redemptions(request: MemberRequest) -> web.Response:
    """The member's vouchers, both redeemed and won."""
    asked = read_page_request(request.http, "redemptions", (64, 32))
    before = (asked.after[0], asked.after[1]) if asked.after else None
    member = request.caller
    found = await redemptions(
        member.member_id, member.live, request.now, before=before, limit=asked.limit + 1
    )
    shown = page("redemptions", found, asked, lambda item: (item.receipt_no, item.line))
    return json_answer(shown.of(_redemption))


async def show_redemption(request: MemberRequest) -> web.Response:
    """One voucher."""
    return json_answer(_redemption(await _own_redemption(request)))


async def show_redemption_code(request: MemberRequest) -> web.Response:
    """The voucher's code at this moment, while the voucher can be used."""
    found, member = await _own_redemption(request), request.caller
    if found.state != "issued":
        raise refused(VoucherNotUsable(found.state, found.name, found.expires_on))
    key = VoucherKey(member.member_id, found.receipt_no, found.line)
    shown = voucher_code_now(member.resources.settings.keyring, key, request.now)
    return json_answer(VoucherCodeAnswer(code=shown.code, expires_at=shown.expires_at))


async def cancel_redemption(request: MemberRequest, _: Nothing) -> web.Response:
    """Cancel an unused voucher."""
    receipt_no, line = _redemption_key(request)
    command = Cancel(**asked_by(request), receipt_no=receipt_no, line=line)
    return await request.answer(command, Cancelled, _cancelled)


async def _own_redemption(request: MemberRequest) -> RedemptionView:
    """The member's voucher that the path names. Raises Problem 404, also for another member's."""
    receipt_no, line = _redemption_key(request)
    member = request.caller
    found = await redemption(member.member_id, receipt_no, line, member.live, request.now)
    if found is None:
        raise refused(UnknownRedemption(request.path("redemption")))
    return found


def _redemption_key(request: MemberRequest) -> tuple[int, int]:
    """Receipt number and line of the id in the path. Raises Problem 404 for a malformed id."""
    key = redemption_key(request.path("redemption"))
    if key is None:
        raise refused(UnknownRedemption(request.path("redemption")))
    return key


def _redemption(view: RedemptionView) -> RedemptionAnswer:
    return RedemptionAnswer(
        id=view.id,
        source=view.source,
        name=view.name,
        quantity=view.quantity,
        points=view.points,
        state=view.state,
        voucher=view.voucher,
        terms=view.terms,
        expires_on=view.expires_on,
        created_at=view.created_at,
        cancellable=view.cancellable,
        cancellable_until=view.cancellable_until,
    )


def _redeemed(outcome: Redeemed) -> RedeemedAnswer:
    return RedeemedAnswer(
        id=redemption_id(outcome.receipt_no, outcome.line),
        state=outcome.state,
        name=outcome.name,
        quantity=outcome.quantity,
        points=outcome.points,
        voucher=outcome.voucher,
        payment=None,
        expires_on=outcome.expires_on,
        cancellable_until=outcome.cancellable_until,
        balance=outcome.balance,
    )


def _cancelled(outcome: Cancelled) -> CancelledAnswer:
    return CancelledAnswer(
        id=redemption_id(outcome.receipt_no, outcome.line),
        state="cancelled",
        name=outcome.name,
        points=outcome.points,
        lapsed=outcome.lapsed,
        balance=outcome.balance,
    )


OPERATIONS = (
    MEMBER.with_body(
        "POST",
        "/redemptions",
        create_redemption,
        "兑换",
        RedeemBody,
        RedeemedAnswer,
        status=201,
        keyed="required",
        problems=kinds_of(
            UnknownReward,
            PriceChanged,
            NotEnoughPoints,
            OutOfStock,
            AccountClosed,
            SpendingFrozen,
            AccountAhead,
        ),
    ),
    MEMBER.get(
        "/redemptions",
        list_redemptions,
        "我的券",
        Page[RedemptionAnswer],
        query=PAGE_QUERY,
        problems=PAGE_PROBLEMS,
    ),
    MEMBER.get(
        "/redemptions/{redemption}",
        show_redemption,
        "一张券",
        RedemptionAnswer,
        problems=kinds_of(UnknownRedemption),
    ),
    MEMBER.get(
        "/redemptions/{redemption}/code",
        show_redemption_code,
        "动态券码",
        VoucherCodeAnswer,
        problems=kinds_of(UnknownRedemption, VoucherNotUsable),
    ),
    MEMBER.with_body(
        "POST",
        "/redemptions/{redemption}/cancel",
        cancel_redemption,
        "取消兑换",
        Nothing,
        CancelledAnswer,
        keyed="required",
        problems=kinds_of(UnknownRedemption, NotCancellable, AccountClosed, AccountAhead),
    ),
)
