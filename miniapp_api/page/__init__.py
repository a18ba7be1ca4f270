"""`/app/`: the members' mini-program as a web page, served beside the API that it calls: the checked-in web build of `miniapp/`.

The page has no log-in of its own: in the demo the emulator's phone embeds it and gives it the codes of `wx.login`. Only that page
may embed it, and only its origins are named to it; elsewhere nobody may.
"""

import mimetypes
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Final

from aiohttp import web

from base.settings import Settings
from runtime.resources import RESOURCES

ROOT: Final = "/app"
FILES: Final = Path(__file__).parent / "files"
PAGE: Final = "index.html"
HAND: Final = b'<meta name="jifen-hand" content=""'
"""Where the page reads the origins of the emulator's phone."""
KEPT: Final = "public, max-age=31536000, immutable"
"""For files whose names carry a digest of their content."""


def mount(app: web.Application) -> None:
    """Add the page and its files. `app[RESOURCES]` must be set."""
    origins = embedding_origins(app[RESOURCES].settings)
    app.router.add_get(ROOT, _to_the_page)
    for name, body in _built().items():
        address = "" if name == PAGE else name
        app.router.add_get(f"{ROOT}/{address}", _file(name, body, origins))


@cache
def _built() -> dict[str, bytes]:
    """The files of the build by their names, read once per process."""
    paths = (path for path in sorted(FILES.rglob("*")) if path.is_file())
    return {path.relative_to(FILES).as_posix(): path.read_bytes() for path in paths}


def embedding_origins(settings: Settings) -> tuple[str, ...]:
    """The origins of the page that may embed this one: the emulator's, in the demo; else none."""
    if not settings.is_demo:
        return ()
    return tuple(f"http://{host}:{settings.emulator_port}" for host in ("127.0.0.1", "localhost"))


def policy(origins: tuple[str, ...]) -> str:
    """What the page may load and who may embed it. Styles are set by scripts; pictures of the programme come by HTTPS."""
    embedding = " ".join(origins) or "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; "
        "font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
        f"frame-ancestors {embedding}"
    )


async def _to_the_page(_: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(f"{ROOT}/")


def _file(
    name: str, body: bytes, origins: tuple[str, ...]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    is_page = name == PAGE
    if is_page:
        body = body.replace(HAND, HAND[:-1] + " ".join(origins).encode() + b'"')
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {
        "Cache-Control": KEPT if name.startswith("assets/") else "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        **({"Content-Security-Policy": policy(origins)} if is_page else {}),
    }

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=kind, headers=headers)

    return answer
