"""A small points server for the phone page's tests: one member, one wheel whose next slot the test chooses."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

PRIZES = ["谢谢惠顾", "5 积分", "拿铁券", "10 积分", "手工曲奇", "20 积分"]


@dataclass
class MemberServer:
    """What was asked, and how to answer: `next_slot` of the wheel, `refusals` (status, problem) before the next answers.

    `bound` are the codes of phone numbers that were sent; `shelves` are the pages of rewards: ids and the next cursor, by cursor.
    """

    url: str = ""
    next_slot: int = 0
    streak: int = 0
    logins: int = 0
    keys: list[str] = field(default_factory=list)
    refusals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    bound: list[str] = field(default_factory=list)
    packs_taken: int = 0
    shelves: dict[str | None, tuple[list[str], str | None]] = field(default_factory=dict)

    async def session(self, _: web.Request) -> web.Response:
        self.logins += 1
        return web.json_response({"token": f"token-{self.logins}", "expires_at": "", "member": {}})

    async def answer(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer token-{self.logins}":
            return web.json_response({"code": "unauthorized", "title": "请先登录"}, status=401)
        if "Idempotency-Key" in request.headers:
            self.keys.append(request.headers["Idempotency-Key"])
            if self.refusals:
                status, problem = self.refusals.pop(0)
                return web.json_response(problem, status=status)
        if request.match_info["path"] == "rewards":
            return web.json_response(self._shelf(request.query.get("cursor")))
        asked = await request.json() if request.can_read_body else {}
        return web.json_response(self._answers(request.method, request.match_info["path"], asked))

    def _shelf(self, cursor: str | None) -> Any:
        ids, next_cursor = self.shelves[cursor]
        return {"items": [{"id": reward} for reward in ids], "next_cursor": next_cursor}

    def _answers(self, method: str, path: str, asked: dict[str, Any]) -> Any:
        if (method, path) == ("POST", "check-ins"):
            self.streak += 1
        if (method, path) == ("PUT", "me/profile"):
            self.bound.append(asked["phone_code"])
            path = "me"
        if (method, path) == ("POST", "packs"):
            self.packs_taken += 1
            return {"until": "2026-03-09"}
        draw = {
            "id": "1-0",
            "nonce": 0,
            "prize": {"name": PRIZES[self.next_slot], "kind": "points"},
            "slot": self.next_slot,
        }
        return {
            "me": self._me(),
            "check-ins": {"days": [], "streak": self.streak, "ladder": [], "points": 5},
            "check-ins/repairs": {
                "days": [],
                "cards": 0,
                "price_points": 5,
                "repairs_left": 2,
                "per_month": 2,
            },
            "me/code": {"code": "90000000000112345678", "expires_at": ""},
            "packs": {"items": [self._pack()]},
            "extensions": {"days": [], "price_points": 0},
            "wheels": {"items": [self._wheel()]},
            "wheels/lucky/winners": {"items": [{"name": "小*", "prize": {"name": "拿铁券"}}]},
            "wheels/lucky/draws": {"draws": [draw] * asked.get("count", 1), "balance": 95},
        }[path]

    def _me(self) -> dict[str, Any]:
        return {
            "member_id": 1,
            "nickname": None,
            "balance": 100,
            "pending": 0,
            "debt": 0,
            "growth": 0,
            "tier": {"id": "sprout", "name": "新芽会员"},
            "next_tier": None,
            "points_to_next_tier": None,
            "expiring": [],
            "check_in": {"today": self.streak > 0, "streak": self.streak},
        }

    def _pack(self) -> dict[str, Any]:
        working = [{"until": "2026-03-09", "points_left": 40}] * self.packs_taken
        facts = {"id": "fast", "name": "双倍积分包", "rule": "双倍积分包：7 天双倍。", "price_points": 10}
        return facts | {"left": 1 - self.packs_taken, "working": working}

    def _wheel(self) -> dict[str, Any]:
        prizes = [
            {
                "id": f"p{slot}",
                "slot": slot,
                "name": name,
                "level": "奖",
                "odds_ppm": 100_000,
                "odds_now_ppm": 100_000,
                "sold_out": False,
                "stock_left": None,
            }
            for slot, name in enumerate(PRIZES)
        ]
        facts = {
            "cost_points": 5,
            "free_left": 0,
            "draws_left": 9,
            "odds_version": "2-abcdef0123",
            "rule": "每次 5 积分。",
        }
        return {"id": "lucky", "name": "幸运转盘", "prizes": prizes, **facts}


@asynccontextmanager
async def listening_member_server() -> AsyncIterator[MemberServer]:
    """The server on a free port."""
    member_server = MemberServer()
    app = web.Application()
    app.router.add_post("/api/v1/session", member_server.session)
    app.router.add_route("*", "/api/v1/{path:.+}", member_server.answer)
    server = TestServer(app)
    await server.start_server()
    member_server.url = str(server.make_url("/")).rstrip("/")
    try:
        yield member_server
    finally:
        await server.close()
