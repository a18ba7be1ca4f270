"""The route table of the public pages.

The pages are made together at most once a minute in a process, however many ask for them, and served from memory meanwhile. While
the database is away those that were made last are served; they say when that was.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from importlib.resources import files
from time import monotonic as now_s
from typing import Final

import structlog
from aiohttp import web

from base.settings import FAIR_PATH
from loyalty.numbers.odds import odds_tables
from loyalty.programme.in_force.live import rules_between
from public.checking import SCRIPT
from public.odds import odds_pages, unknown_game
from public.shell import STYLE
from runtime.resources import RESOURCES, Resources
from web.html import markup
from web.middleware import is_unavailable

KEPT_S: Final = 60
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
AWAY: Final = "系统正忙，暂时看不到抽奖的概率，请过一会儿再来。"

log = structlog.get_logger(__name__)


@dataclass
class KeptPages:
    """The pages as they were made last, by game, that of all games under the empty text.

    `until` is when they are made anew, in seconds of a clock that only goes on.
    """

    pages: dict[str, str] = field(default_factory=dict)
    until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


KEPT: Final = web.AppKey("fair_pages", KeptPages)


def mount(app: web.Application) -> None:
    """Add the pages. `app[RESOURCES]` must be set before the first request."""
    app[KEPT] = KeptPages()
    app.router.add_get(FAIR_PATH, show_odds)
    app.router.add_get(STYLE, _file("public.css", "text/css"))
    app.router.add_get(SCRIPT, _file("check.js", "text/javascript"))
    app.router.add_get(FAIR_PATH + "/{game}", show_odds)


def _file(name: str, kind: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    body, headers = (
        (files("public") / "static" / name).read_bytes(),
        HEADERS | {"Cache-Control": "max-age=300"},
    )

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)

    return answer


async def show_odds(request: web.Request) -> web.Response:
    """The page of all games, or of the one that the path names."""
    kept = request.app[KEPT]
    async with kept.lock:  # many who ask at once wait for one reading
        if kept.until <= now_s():
            await _make(kept, request.app[RESOURCES])
    if not kept.pages:
        return _answer(markup("<!doctype html><meta charset=utf-8><p>{}</p>", AWAY), 503, "no-store")
    text = kept.pages.get(request.match_info.get("game", ""))
    return (
        _answer(text, 200, f"public, max-age={KEPT_S}") if text else _answer(unknown_game(), 404, "no-store")
    )


async def _make(kept: KeptPages, resources: Resources) -> None:
    now, zone = resources.clock.now(), resources.zone
    try:
        rules = (await rules_between(resources.pool, now, now, zone)).at(now).rules
        kept.pages = odds_pages(await odds_tables(resources.pool, rules), rules, now.astimezone(zone))
    except Exception as error:
        if not is_unavailable(error):
            raise
        log.warning("unavailable", route=FAIR_PATH, error=type(error).__name__)
    kept.until = now_s() + KEPT_S


def _answer(text: str, status: int, cached: str) -> web.Response:
    headers = HEADERS | {"Cache-Control": cached}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)
