"""`/openapi.json`, and `/docs`, a page that shows it and loads nothing from other servers."""

import json
from importlib.resources import files
from typing import Final

from aiohttp import web

from web.middleware import api_middleware
from web.openapi import Json

_STATIC: Final = files("web") / "static"
_PAGE: Final = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>积分 API</title>
<link rel="stylesheet" href="/docs/docs.css">
<script src="/docs/docs.js" defer></script>
</head>
<body>
<header><h1 id="title">积分 API</h1><p>机器可读的描述在 <a href="/openapi.json">/openapi.json</a>。</p></header>
<main id="operations"><noscript>这一页需要 JavaScript；也可以直接读 /openapi.json。</noscript></main>
</body>
</html>
"""
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def add_docs(app: web.Application, description: Json) -> None:
    """Serve the description and its page from the root of the application."""
    add_description(app, "/openapi.json", description)
    _serve(app, "/docs", _PAGE.encode(), "text/html", {"Content-Security-Policy": PAGE_POLICY})
    for name, media_type in (("docs.css", "text/css"), ("docs.js", "text/javascript")):
        _serve(app, f"/docs/{name}", (_STATIC / name).read_bytes(), media_type)


def add_description(app: web.Application, path: str, description: Json) -> None:
    """Serve an OpenAPI description on a path of the application."""
    _serve(app, path, json.dumps(description, ensure_ascii=False).encode(), "application/json")


def _serve(
    app: web.Application, path: str, body: bytes, media_type: str, headers: dict[str, str] | None = None
) -> None:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type=media_type, charset="utf-8", headers=headers)

    async def with_headers(request: web.Request) -> web.StreamResponse:
        return await api_middleware(request, answer)

    app.router.add_get(path, with_headers)
