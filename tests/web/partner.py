"""An invented API of another security kind: tills with keys sign members in and look up their points."""

from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.checkin.commands import CheckIn
from loyalty.checkin.outcomes import AlreadyCheckedIn, CheckedIn
from loyalty.engine.engine import Engine
from loyalty.engine.refusals import UnknownMember
from tests.ledger import Ledger
from web.answers import json_answer
from web.bodies import Body
from web.middleware import api_middleware_below
from web.openapi import Api
from web.operations import add_operations
from web.problems import Kind, Problem
from web.refusals import kind_of
from web.requests import ApiRequest, Pipeline
from web.security import PARTNER_KEY
from web.vocabulary import Vocabulary

PREFIX = "/till"
KEYS = {"jf_live_till-1": "1", "jf_live_till-2": "2"}
TOO_MANY_REQUESTS = Kind("too_many_requests", 429, "请求太频繁")
BUSY = "jf_live_busy"


@dataclass(frozen=True)
class Till:
    """The till whose key a request carries."""

    number: str
    engine: Engine
    now: datetime


TillRequest = ApiRequest[Till]
LEDGER = web.AppKey("ledger", Ledger)


class SignInBody(Body):
    """The member who stands at the till."""

    member_id: int


class SignedInAnswer(TypedDict):
    """The member's sign-in."""

    day: date
    points: int


class PointsAnswer(TypedDict):
    """A member's points, and the till that asked."""

    balance: int
    till: str


async def till_of_key(http: web.Request, key: str) -> Till | None:
    """The till whose key it is; a key may be known and still be refused."""
    if key == BUSY:
        raise Problem(TOO_MANY_REQUESTS, headers={"Retry-After": "1"})
    ledger = http.app[LEDGER]
    return Till(KEYS[key], ledger.engine, ledger.clock.now()) if key in KEYS else None


async def sign_in(request: TillRequest, body: SignInBody) -> web.Response:
    """Sign the member in."""
    command = CheckIn(
        member_id=body.member_id, request_key=request.required_key, keep_refusal=True, at=request.now
    )
    return await request.answer(
        command, CheckedIn, lambda done: SignedInAnswer(day=done.day, points=done.points), status=201
    )


async def show_points(request: TillRequest) -> web.Response:
    """The member's points."""
    balance = await request.http.app[LEDGER].balance(int(request.path("member")))
    return json_answer(PointsAnswer(balance=balance, till=request.caller.number))


TILL = Pipeline(PARTNER_KEY, till_of_key, key_prefix=lambda till: f"till:{till.number}")

OPERATIONS = (
    TILL.with_body(
        "POST",
        "/sign-ins",
        sign_in,
        "签到",
        SignInBody,
        SignedInAnswer,
        status=201,
        keyed="required",
        problems=(kind_of(AlreadyCheckedIn), kind_of(UnknownMember), TOO_MANY_REQUESTS),
    ),
    TILL.get("/points/{member}", show_points, "积分", PointsAnswer, problems=(TOO_MANY_REQUESTS,)),
)

API = Api(PREFIX, "till", OPERATIONS, Vocabulary("收银台。", {}, {}, {}, {}))


def till_server(ledger: Ledger) -> web.Application:
    """An application with this API alone."""
    app = web.Application(middlewares=[api_middleware_below(PREFIX)])
    app[LEDGER] = ledger
    add_operations(app, PREFIX, OPERATIONS)
    return app
