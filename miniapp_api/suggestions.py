"""/suggestions: what a member writes to the shop."""

from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, StringConstraints
from typing_extensions import TypedDict

from loyalty.earning.outcomes import EventMalformed, EventRecorded
from loyalty.engine.refusals import AccountAhead, AccountClosed
from loyalty.suggestions import MOST_CHARACTERS, Said, clean_text, suggest, takes_suggestions
from miniapp_api.requests import MEMBER, MemberRequest
from web.answers import json_answer
from web.bodies import Body
from web.problems import Kind, Problem
from web.refusals import accepted, kinds_of

SUGGESTIONS_OFF = Kind("suggestions_off", 404, "没有开通建议")


class SuggestionBody(Body):
    """The text, of 1 to 500 characters, of which one can be read."""

    text: Annotated[
        str, StringConstraints(max_length=MOST_CHARACTERS, pattern="[!-~一-鿿]"), AfterValidator(clean_text)
    ]


class SuggestionAnswer(TypedDict):
    """What the suggestion brought, of which `pending` opens later."""

    points: int
    pending: int
    balance: int


class SuggestionsAnswer(TypedDict):
    """Whether the programme takes suggestions."""

    open: bool


async def show_suggestions(request: MemberRequest) -> web.Response:
    """Whether there is somebody to read them."""
    return json_answer(SuggestionsAnswer(open=takes_suggestions(request.caller.live.rules)))


async def create_suggestion(request: MemberRequest, body: SuggestionBody) -> web.Response:
    """Keep the text."""
    caller = request.caller
    said = Said(caller.member_id, request.required_key, body.text, request.now, keep_refusal=True)
    decision = await suggest(caller.engine, caller.resources.pool, caller.live, said)
    if decision is None:
        raise Problem(SUGGESTIONS_OFF, "现在没有开通建议。")
    outcome = accepted(decision, EventRecorded)
    answer = SuggestionAnswer(points=outcome.points, pending=outcome.pending, balance=outcome.balance)
    return json_answer(answer, status=201, replayed=decision.replayed)


OPERATIONS = (
    MEMBER.get("/suggestions", show_suggestions, "能不能提建议", SuggestionsAnswer),
    MEMBER.with_body(
        "POST",
        "/suggestions",
        create_suggestion,
        "提建议",
        SuggestionBody,
        SuggestionAnswer,
        status=201,
        keyed="required",
        problems=(SUGGESTIONS_OFF, *kinds_of(EventMalformed, AccountClosed, AccountAhead)),
    ),
)
