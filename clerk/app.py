"""The route table of /clerk."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Final

from aiohttp import web

from clerk import counter, login
from clerk.guard import HEADERS, ROOT, guarded

_STATIC: Final = files("clerk") / "static"
FILES: Final = (("clerk.css", "text/css"), ("clerk.js", "text/javascript"))


def mount(app: web.Application) -> None:
    """Add the page. `app[RESOURCES]` and `app[COUNTS]` must be set before the first request."""
    routes = app.router
    routes.add_get(ROOT, guarded(counter.show_front))
    routes.add_post(f"{ROOT}/look", guarded(counter.look))
    routes.add_post(f"{ROOT}/use", guarded(counter.use))
    routes.add_get(f"{ROOT}/today", guarded(counter.show_today))
    routes.add_get(f"{ROOT}/login", guarded(login.show_login, is_open=True))
    routes.add_post(f"{ROOT}/login", guarded(login.take_login, is_open=True))
    routes.add_post(f"{ROOT}/set-up", guarded(login.take_set_up, is_open=True))
    routes.add_post(f"{ROOT}/logout", guarded(login.take_logout, is_open=True))
    for name, media_type in FILES:
        routes.add_get(f"{ROOT}/{name}", _file(name, media_type))


def _file(name: str, media_type: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    body = (_STATIC / name).read_bytes()

    async def answer(_: web.Request) -> web.StreamResponse:
        headers = HEADERS | {"Cache-Control": "max-age=300"}
        return web.Response(body=body, content_type=media_type, charset="utf-8", headers=headers)

    return answer
