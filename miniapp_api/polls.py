"""/polls: the polls with their results so far, and a vote."""

from typing import Annotated

from aiohttp import web
from pydantic import StringConstraints
from typing_extensions import TypedDict

from loyalty.engine.refusals import AccountAhead, AccountClosed
from loyalty.ledger.ids import is_id
from loyalty.polls.commands import Vote
from loyalty.polls.outcomes import AlreadyVoted, PollClosed, UnknownOption, UnknownPoll, Voted
from loyalty.polls.views import PollView, polls
from miniapp_api.requests import MEMBER, MemberRequest, asked_by
from web.answers import json_answer
from web.bodies import Body
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, page_of_list
from web.refusals import kinds_of, refused


class VoteBody(Body):
    """The id of the chosen option."""

    option: Annotated[str, StringConstraints(min_length=1, max_length=32)]


class VotedAnswer(TypedDict):
    """The vote that counts, and what it paid."""

    poll: str
    option: str
    points: int
    balance: int


async def list_polls(request: MemberRequest) -> web.Response:
    """Every poll that has begun, with the votes so far."""
    caller = request.caller
    found = await polls(caller.resources.pool, caller.member_id, caller.live, request.now)
    return json_answer(page_of_list(request.http, f"polls:{caller.live.version}", found))


async def create_vote(request: MemberRequest, body: VoteBody) -> web.Response:
    """Vote once."""
    poll = request.path("poll")
    if not is_id(poll):
        raise refused(UnknownPoll(poll))
    command = Vote(**asked_by(request), poll=poll, option=body.option)
    return await request.answer(command, Voted, _voted, status=201)


def _voted(outcome: Voted) -> VotedAnswer:
    return VotedAnswer(
        poll=outcome.poll, option=outcome.option, points=outcome.points, balance=outcome.balance
    )


OPERATIONS = (
    MEMBER.get("/polls", list_polls, "投票列表", Page[PollView], query=PAGE_QUERY, problems=PAGE_PROBLEMS),
    MEMBER.with_body(
        "POST",
        "/polls/{poll}/votes",
        create_vote,
        "投票",
        VoteBody,
        VotedAnswer,
        status=201,
        keyed="required",
        problems=kinds_of(
            UnknownPoll,
            UnknownOption,
            AlreadyVoted,
            PollClosed,
            AccountClosed,
            AccountAhead,
        ),
    ),
)
