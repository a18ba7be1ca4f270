"""/draws: the member's own draws, and for each of them what is needed to recompute it."""

from datetime import datetime

from aiohttp import web
from typing_extensions import TypedDict

from loyalty.games.proofs import ProofView, proof
from loyalty.games.views import DrawView, draws
from miniapp_api.requests import MEMBER, MemberRequest
from web.answers import json_answer
from web.paging import PAGE_PROBLEMS, PAGE_QUERY, Page, page, read_page_request
from web.problems import Kind, Problem

UNKNOWN_DRAW = Kind("unknown_draw", 404, "没有这次抽奖")


class DrawnPrizeAnswer(TypedDict):
    """The prize of a draw."""

    id: str
    name: str
    level: str


class DrawAnswer(TypedDict):
    """One draw of the member."""

    id: str
    wheel: str
    nonce: int
    prize: DrawnPrizeAnswer
    slot: int
    won: bool
    points: int
    cost_points: int
    odds_version: str
    proof: str
    created_at: datetime


async def list_draws(request: MemberRequest) -> web.Response:
    """The member's draws."""
    asked = read_page_request(request.http, "draws", (64, 32))
    before = (asked.after[0], asked.after[1]) if asked.after else None
    found = await draws(request.caller.member_id, before=before, limit=asked.limit + 1)
    shown = page("draws", found, asked, lambda draw: (draw.receipt_no, draw.line))
    return json_answer(shown.of(_draw))


async def show_proof(request: MemberRequest) -> web.Response:
    """The proof of one draw."""
    member = request.caller
    found = await proof(member.resources.pool, member.member_id, request.path("draw"))
    if found is None:
        raise Problem(UNKNOWN_DRAW, "在你的抽奖记录里没有找到这一次。")
    return json_answer(found)


def _draw(draw: DrawView) -> DrawAnswer:
    return DrawAnswer(
        id=draw.id,
        wheel=draw.wheel,
        nonce=draw.nonce,
        prize=DrawnPrizeAnswer(id=draw.prize, name=draw.name, level=draw.level),
        slot=draw.slot,
        won=draw.won,
        points=draw.points,
        cost_points=draw.cost_points,
        odds_version=draw.odds_version,
        proof=f"/api/v1/draws/{draw.id}/proof",
        created_at=draw.drawn_at,
    )


OPERATIONS = (
    MEMBER.get(
        "/draws", list_draws, "我的抽奖记录", Page[DrawAnswer], query=PAGE_QUERY, problems=PAGE_PROBLEMS
    ),
    MEMBER.get("/draws/{draw}/proof", show_proof, "公平校验", ProofView, problems=(UNKNOWN_DRAW,)),
)
