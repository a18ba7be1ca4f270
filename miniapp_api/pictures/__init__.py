"""`/pictures/`: the drawn logos and pictures that come with the program, for the demo, the templates and who has none.

A rule set names one as `/pictures/coffee-latte.svg` (`loyalty/programme/declaring/pictures.py`); the mini-program asks its own
server for it.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from aiohttp import web

ROOT: Final = "/pictures"
FILES: Final = Path(__file__).parent / "files"
HEADERS: Final = {
    "Cache-Control": "public, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


def mount(app: web.Application) -> None:
    """Add the pictures."""
    for path in sorted(FILES.glob("*.svg")):
        app.router.add_get(f"{ROOT}/{path.name}", _picture(path.read_bytes()))


def _picture(body: bytes) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="image/svg+xml", headers=HEADERS)

    return answer
