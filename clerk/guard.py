"""The guard before every request to /clerk: who is there, from which page it comes, and what browsers may do.

A page of another site can make a browser send a form here, with its cookie; a POST is therefore taken only if its Origin is this
server's own address (OWASP Cheat Sheet "Cross-Site Request Forgery Prevention").
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import structlog
from aiohttp import web

from base.logs import places
from clerk.html import page, said
from operators.desk import Desk, desk_of
from operators.roles import Action, NotAllowed
from runtime.resources import RESOURCES, Resources
from web.counts import COUNTS, Counts
from web.html import Html, markup
from web.limits import address_of
from web.middleware import is_unavailable
from web.security import OPERATOR_COOKIE

ROOT: Final = "/clerk"
LONGEST_FIELD: Final = 500
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "Permissions-Policy": "camera=(self)",
    "Referrer-Policy": "same-origin",  # with none, a browser names no Origin for a form
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
UNAVAILABLE: Final = "系统正忙，刚才的操作可能没有成功。请稍等再查一次这个码，看它有没有核销。"

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Visit:
    """A request to /clerk with the fields of its form, and the desk of whoever is logged in."""

    http: web.Request
    resources: Resources
    counts: Counts
    desk: Desk | None
    fields: Mapping[str, str]

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.resources.clock.now()

    @property
    def origin(self) -> str:
        """The client's address, for the log and for counting log-ins."""
        return origin_of(self.http)

    def field(self, name: str) -> str:
        """A field of the form; empty if it was not sent."""
        return self.fields.get(name, "")

    @property
    def at_desk(self) -> Desk:
        """The desk. Raises NotAllowed for whoever is not logged in."""
        if self.desk is None:
            raise NotAllowed("登录已经失效，请重新登录。")
        return self.desk


Page: TypeAlias = Callable[[Visit], Awaitable[web.StreamResponse]]


def shown(title: str, body: Html, who: Html | None = None, status: int = 200) -> web.Response:
    """An answer with a page."""
    text = page(title, body, who if who is not None else Html(""))
    return web.Response(text=text, status=status, content_type="text/html")


def sent_to(path: str) -> web.Response:
    """An answer that sends the browser on to another page."""
    return web.Response(status=303, headers={"Location": path})


def guarded(show: Page, *, is_open: bool = False) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler of a page. Unless it `is_open`, whoever may not take vouchers is sent to the log-in."""

    async def handle(http: web.Request) -> web.StreamResponse:
        answer = await _answer(http, show, is_open=is_open)
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer

    return handle


def origin_of(http: web.Request) -> str:
    """The client's address; that of a proxy which does not tell it."""
    return address_of(http) or http.remote or "?"


def is_encrypted(http: web.Request) -> bool:
    """Whether the browser reached this server, or the proxy before it, by HTTPS."""
    return http.headers.get("Origin", "").startswith("https://")


async def _answer(http: web.Request, show: Page, *, is_open: bool) -> web.StreamResponse:
    if http.method == "POST" and not _is_from_here(http):
        return _fault("请求不是从这个页面来的，已拒绝。请重新打开核销页面。", 403)
    try:
        fields = await _fields(http)
        desk = await _desk(http)
        if not is_open:
            if desk is None:
                return sent_to(f"{ROOT}/login")
            await desk.require(Action.VERIFY_VOUCHER)
        return await show(Visit(http, http.app[RESOURCES], http.app[COUNTS], desk, fields))
    except NotAllowed as refused:
        return _fault(str(refused), 403)
    except web.HTTPException as refused:
        return _fault("请求的内容不对，请重新打开核销页面。", refused.status)
    except Exception as error:  # noqa: BLE001  # whatever fails, the clerk reads a sentence
        if is_unavailable(error):
            log.warning("unavailable", route=http.path, error=type(error).__name__)
        else:
            log.error(
                "request_failed", route=http.path, error=type(error).__name__, at=places(error.__traceback__)
            )
        return _fault(UNAVAILABLE, 503 if is_unavailable(error) else 500)


def _is_from_here(http: web.Request) -> bool:
    """Whether the form was sent by a page of this server; a browser names it as scheme and host, and nothing else."""
    return http.headers.get("Origin", "") in {f"{scheme}://{http.host}" for scheme in ("http", "https")}


async def _fields(http: web.Request) -> Mapping[str, str]:
    """The texts of the form, without the NUL that the database refuses. Raises HTTPBadRequest for what is no form."""
    if http.method != "POST":
        return {}
    if http.content_type != "application/x-www-form-urlencoded":
        raise web.HTTPBadRequest
    try:
        form = await http.post()
    except (ValueError, LookupError) as error:
        raise web.HTTPBadRequest from error
    return {
        name: value.replace("\0", "")[:LONGEST_FIELD]
        for name, value in form.items()
        if isinstance(value, str)
    }


async def _desk(http: web.Request) -> Desk | None:
    token = http.cookies.get(OPERATOR_COOKIE)
    return await desk_of(http.app[RESOURCES], token, origin_of(http)) if token else None


def _fault(sentence: str, status: int) -> web.Response:
    body = markup('{}<a class="button plain" href="/clerk">回到核销页面</a>', said(sentence))
    return shown("不能这样做", body, status=status)
