"""The guard before every request: who is there, from which page the request comes, and what a browser may do with the answer.

A page of another site can make a browser send requests here, with its cookie. A request that can change something, and a
WebSocket, is therefore taken only if its Origin is this console's own address (OWASP Cheat
Sheet "Cross-Site Request Forgery Prevention").
No site may show a page of the console in a frame.
"""

from typing import Final
from urllib.parse import quote

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.faults import fault_page
from console.outcomes import AWAY
from operators.desk import Desk, desk_of
from runtime.resources import Resources
from web.limits import client_of

log = structlog.get_logger(__name__)

COOKIE: Final = "jifen_console"
OPEN: Final = ("/login", "/set-up", "/healthz", "/console.css", "/_nicegui/")
"""Paths that need no session: how to get one, and the libraries' own files."""
MOST_BODY: Final = 1_000_000
MOST_UPLOAD: Final = 211_000_000
"""Bytes of a request, and of one with a file to import; forms put a little around it."""
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS: Final = {
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""NiceGUI compiles templates in the browser, so scripts need 'unsafe-inline' and 'unsafe-eval'; nothing comes from elsewhere."""


class Guard:
    """Refuse what comes from another site or without a session; note whose desk it is in the request's state."""

    def __init__(self, app: ASGIApp, resources: Resources) -> None:
        self._app, self._resources = app, resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one WebSocket, or the application's start and end."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        if not _from_here(scope, connection.headers):
            await _refuse(scope, receive, send, PlainTextResponse("请求不是从后台的页面来的，已拒绝。", 403))
            return
        if _length(connection.headers) > (
            MOST_UPLOAD if scope["path"].startswith("/_nicegui/") else MOST_BODY
        ):
            await _refuse(scope, receive, send, fault_page(413))
            return
        try:
            desk = await self._desk(connection)
        except AWAY as error:
            log.warning("console_database_away", error=type(error).__name__)
            await _refuse(scope, receive, send, fault_page(503))
            return
        path: str = scope["path"]
        if desk is None and not _is_open(scope):
            target = quote(path + (f"?{connection.url.query}" if connection.url.query else ""), safe="")
            await _refuse(scope, receive, send, RedirectResponse(f"/login?next={target}", 303))
            return
        scope.setdefault("state", {})["desk"] = desk
        await self._app(scope, receive, _with_headers(send, path))

    async def _desk(self, connection: HTTPConnection) -> Desk | None:
        token = connection.cookies.get(COOKIE)
        return await desk_of(self._resources, token, origin_of(connection)) if token else None


def origin_of(connection: HTTPConnection) -> str:
    """The client's address for the operation log and the lock-out; that of the proxy where it does not tell the client's."""
    remote = connection.client.host if connection.client else ""
    return client_of(remote, connection.headers.getlist("x-forwarded-for")) or remote


def desk_at(request: Request) -> Desk:
    """The desk that the guard noted. Raises KeyError on a path that needs no session, when there is none."""
    desk: Desk | None = request.scope["state"]["desk"]
    if desk is None:
        raise KeyError("desk")
    return desk


def _is_open(scope: Scope) -> bool:
    """Whether a request needs no session. What NiceGUI's own paths take, such as a file, needs one."""
    path: str = scope["path"]
    if scope["type"] == "websocket" or (path.startswith("/_nicegui") and scope["method"] not in SAFE_METHODS):
        return False
    return path.startswith(OPEN)


def _length(headers: Headers) -> int:
    """The length that a request names, in bytes; too many for one of unknown length."""
    if "transfer-encoding" in headers:
        return MOST_UPLOAD + 1
    text = headers.get("content-length", "0")
    return int(text) if text.isdecimal() and len(text) < 12 else MOST_UPLOAD + 1


def _from_here(scope: Scope, headers: Headers) -> bool:
    origin = headers.get("origin")
    if (
        scope["type"] == "http"
        and scope["method"] in SAFE_METHODS
        and not scope["path"].startswith("/_nicegui_ws")
    ):
        return True
    if (
        origin is None
    ):  # a browser names it with every POST and WebSocket; NiceGUI's polling GET has none on the same site
        return (
            scope["type"] == "http"
            and scope["method"] in SAFE_METHODS
            and headers.get("sec-fetch-site") in (None, "same-origin")
        )
    scheme, _, host = origin.partition("://")
    return scheme in ("http", "https") and host == headers.get("host")


async def _refuse(scope: Scope, receive: Receive, send: Send, answer: Response) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await answer(scope, receive, _with_headers(send, scope["path"]))


def _with_headers(send: Send, path: str) -> Send:
    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            if not path.startswith("/_nicegui/"):
                headers["Cache-Control"] = "no-store"
        await send(message)

    return send_with_headers
