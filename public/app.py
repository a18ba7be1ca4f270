"""The route table of the public pages.

A page is made at most once a minute in a process, however many ask for it, and served from memory meanwhile. While the database is
away the last page that was made is served; it says when that was.
"""

import asyncio
from dataclasses import dataclass, field
from importlib.resources import files
from time import monotonic as now_s
from typing import Final

import structlog
from aiohttp import web

from base.settings import ODDS_PATH
from loyalty.numbers.odds import odds_tables
from loyalty.programme.live import rules_between
from public.odds import STYLE, odds_page
from runtime.resources import RESOURCES, Resources
from web.html import markup
from web.middleware import is_unavailable

KEPT_S: Final = 60
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
AWAY: Final = "系统正忙，暂时看不到抽奖的概率，请过一会儿再来。"

log = structlog.get_logger(__name__)


@dataclass
class KeptPage:
    """The page as it was made last; `until` is when it is made anew, in seconds of a clock that only goes on."""

    text: str = ""
    until: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


ODDS_PAGE: Final = web.AppKey("odds_page", KeptPage)


def mount(app: web.Application) -> None:
    """Add the pages. `app[RESOURCES]` must be set before the first request."""
    app[ODDS_PAGE] = KeptPage()
    style = (files("public") / "static" / "public.css").read_bytes()

    async def show_style(_: web.Request) -> web.StreamResponse:
        headers = HEADERS | {"Cache-Control": "max-age=300"}
        return web.Response(body=style, content_type="text/css", charset="utf-8", headers=headers)

    app.router.add_get(ODDS_PATH, show_odds)
    app.router.add_get(STYLE, show_style)


async def show_odds(request: web.Request) -> web.Response:
    """The page of odds."""
    kept = request.app[ODDS_PAGE]
    async with kept.lock:  # many who ask at once wait for one reading
        if kept.until <= now_s():
            await _make(kept, request.app[RESOURCES])
    if not kept.text:
        return _answer(markup("<!doctype html><meta charset=utf-8><p>{}</p>", AWAY), 503, "no-store")
    return _answer(kept.text, 200, f"public, max-age={KEPT_S}")


async def _make(kept: KeptPage, resources: Resources) -> None:
    now, zone = resources.clock.now(), resources.zone
    try:
        rules = (await rules_between(resources.pool, now, now, zone)).at(now).rules
        kept.text = odds_page(await odds_tables(resources.pool, rules), rules, now.astimezone(zone))
    except Exception as error:
        if not is_unavailable(error):
            raise
        log.warning("unavailable", route=ODDS_PATH, error=type(error).__name__)
    kept.until = now_s() + KEPT_S


def _answer(text: str, status: int, cached: str) -> web.Response:
    headers = HEADERS | {"Cache-Control": cached}
    return web.Response(text=text, status=status, content_type="text/html", headers=headers)
