"""/wheels: the wheels with their published odds, draws, and the winners."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from typing_extensions import TypedDict

from loyalty.engine.refusals import AccountAhead, AccountClosed, NotEnoughPoints, SpendingFrozen
from loyalty.games.commands import Draw
from loyalty.games.outcomes import DrawLimitReached, Drawn, DrawnPrize, OddsChanged, UnknownWheel
from loyalty.games.rule import Wheel
from loyalty.games.views import WheelView, WinnerView, wheel_view, wheels, winners
from loyalty.ledger.ids import is_id
from loyalty.shown.outcomes import PriceChanged
from miniapp_api.requests import MEMBER, MemberRequest, asked_by
from web.answers import json_answer
from web.bodies import Body
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, Position, page, page_of_list, read_page_request
from web.refusals import kind_of, kinds_of, refused

MOST_POINTS: Final = 100_000_000
"""A price that a client may send: one above what ten spins can cost is as malformed as a negative one."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATEST = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // _MICROSECOND


def _once_or_ten_times(count: int) -> int:
    if count not in (1, 10):
        raise ValueError("应为 1 或 10")
    return count


# Not Literal[1, 10], which takes `true` and `1.0` for 1.
SpinCount = Annotated[
    int, AfterValidator(_once_or_ten_times), WithJsonSchema({"type": "integer", "enum": [1, 10]})
]


class DrawsBody(Body):
    """The number of spins; `client_seed` is the member's own input to the random roll.

    With `odds_version` the draw is made only if the wheel is still the one that the member was shown; with `price_points`, the
    price of all spins as it was shown, only if no free one was used up meanwhile.
    """

    count: SpinCount
    client_seed: Annotated[str, StringConstraints(pattern=r"^[!-~]{0,64}$")] = ""
    odds_version: Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{1,64}$")] | None = None
    price_points: Annotated[int, Field(ge=0, le=MOST_POINTS)] | None = None


class WonAnswer(TypedDict):
    """The prize of a spin; `voucher` is the code if the prize is a voucher."""

    id: str
    name: str
    level: str
    kind: str
    points: int
    voucher: str | None


class SpinAnswer(TypedDict):
    """One spin: the slot where the wheel stops, and the path of its proof."""

    id: str
    nonce: int
    prize: WonAnswer
    slot: int
    proof: str


class DrawnAnswer(TypedDict):
    """The spins in order, and the balance after them."""

    draws: list[SpinAnswer]
    cost_points: int
    balance: int


class WinnerPrizeAnswer(TypedDict):
    """The prize of a win."""

    name: str
    level: str


class WinnerAnswer(TypedDict):
    """A win under a masked name, with the title that the winner lets others see."""

    name: str
    title: str | None
    prize: WinnerPrizeAnswer
    won_at: datetime


async def list_wheels(request: MemberRequest) -> web.Response:
    """Every wheel."""
    member, live = request.caller, request.caller.live
    found = await wheels(member.resources.pool, member.member_id, live, request.now)
    return json_answer(page_of_list(request.http, f"wheels:{live.version}", found))


async def show_wheel(request: MemberRequest) -> web.Response:
    """One wheel."""
    member, wheel = request.caller, _wheel(request)
    found = await wheel_view(member.resources.pool, member.member_id, wheel, member.live, request.now)
    return json_answer(found)


async def create_draws(request: MemberRequest, body: DrawsBody) -> web.Response:
    """Spin the wheel once or ten times."""
    command = Draw(
        **asked_by(request),
        wheel=_wheel_id(request),
        count=body.count,
        client_seed=body.client_seed,
        odds_version=body.odds_version,
        price_points=body.price_points,
    )
    return await request.answer(command, Drawn, _drawn, status=201)


async def list_winners(request: MemberRequest) -> web.Response:
    """The wins on this wheel, newest first, under masked names."""
    wheel = _wheel(request)
    name = f"winners:{wheel.id}"
    resources = request.caller.resources
    asked = read_page_request(request.http, name, (64, 64, 32, 64), resources.engine.context.keyring)
    before = _before(asked.after)
    found = await winners(resources.pool, wheel.id, request.caller.live, before=before, limit=asked.limit + 1)
    shown = page(name, found, asked, _position, resources.engine.context.keyring)
    return json_answer(shown.of(_winner))


def _wheel_id(request: MemberRequest) -> str:
    """The wheel's id in the path. Raises Problem 404 for a malformed id."""
    wheel_id = request.path("wheel")
    if not is_id(wheel_id):
        raise refused(UnknownWheel(wheel_id))
    return wheel_id


def _wheel(request: MemberRequest) -> Wheel:
    """The wheel that the path names. Raises Problem 404."""
    wheel_id = _wheel_id(request)
    wheel = request.caller.live.rules.wheel(wheel_id)
    if wheel is None:
        raise refused(UnknownWheel(wheel_id))
    return wheel


def _drawn(outcome: Drawn) -> DrawnAnswer:
    spins = [_spin(spin) for spin in outcome.draws]
    return DrawnAnswer(draws=spins, cost_points=outcome.cost_points, balance=outcome.balance)


def _spin(spin: DrawnPrize) -> SpinAnswer:
    prize = WonAnswer(
        id=spin.prize,
        name=spin.name,
        level=spin.level,
        kind=spin.kind,
        points=spin.points,
        voucher=spin.voucher,
    )
    proof = f"/api/v1/draws/{spin.id}/proof"
    return SpinAnswer(id=spin.id, nonce=spin.nonce, prize=prize, slot=spin.slot, proof=proof)


def _winner(win: WinnerView) -> WinnerAnswer:
    return WinnerAnswer(
        name=win.name,
        title=win.title,
        prize=WinnerPrizeAnswer(name=win.prize, level=win.level),
        won_at=win.won_at,
    )


def _position(win: WinnerView) -> Position:
    won_at, *rest = win.place
    return ((won_at - _EPOCH) // _MICROSECOND, *rest)


def _before(position: Position | None) -> tuple[datetime, int, int, int] | None:
    if position is None:
        return None
    microseconds, member_id, round_id, nonce = position
    return _EPOCH + min(microseconds, _LATEST) * _MICROSECOND, member_id, round_id, nonce


OPERATIONS = (
    MEMBER.get("/wheels", list_wheels, "抽奖列表", Page[WheelView], query=PAGE_QUERY, problems=PAGE_PROBLEMS),
    MEMBER.get("/wheels/{wheel}", show_wheel, "一个抽奖", WheelView, problems=kinds_of(UnknownWheel)),
    MEMBER.with_body(
        "POST",
        "/wheels/{wheel}/draws",
        create_draws,
        "抽奖",
        DrawsBody,
        DrawnAnswer,
        status=201,
        keyed="required",
        problems=kinds_of(
            UnknownWheel,
            OddsChanged,
            PriceChanged,
            NotEnoughPoints,
            DrawLimitReached,
            AccountClosed,
            SpendingFrozen,
            AccountAhead,
        ),
    ),
    MEMBER.get(
        "/wheels/{wheel}/winners",
        list_winners,
        "中奖名单",
        Page[WinnerAnswer],
        query=PAGE_QUERY,
        problems=(kind_of(UnknownWheel), *PAGE_PROBLEMS),
    ),
)
