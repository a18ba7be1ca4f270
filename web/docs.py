"""`/openapi.json`, and `/docs`, a page that shows it and loads nothing from other servers."""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Final

from aiohttp import web

from web.middleware import api_middleware
from web.vocabulary import Json

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
<section class="token">
<h2>怎么拿到令牌</h2>
<ol>
<li>小程序里调用 <code>wx.login()</code>，得到 <code>code</code>，五分钟内有效，只能用一次。</li>
<li>用它换令牌：
<pre>curl -X POST https://服务器地址/api/v1/session \\
  -H 'Content-Type: application/json' \\
  -d '{"code": "wx.login 得到的 code"}'</pre></li>
<li>回答里的 <code>token</code> 放进以后每个请求的请求头：<pre>Authorization: Bearer &lt;token&gt;</pre></li>
</ol>
<p>在演示里（<code>make demo</code>）微信由模拟器代替：向模拟器的 <code>POST /emulator/v1/phones</code> 要一部手机，再用
<code>POST /emulator/v1/phones/{phone}/login</code> 得到 code。模拟器的地址见演示启动时打印的内容。</p>
</section>
<main id="operations"><noscript>这一页需要 JavaScript；也可以直接读 /openapi.json。</noscript></main>
</body>
</html>
"""
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def add_docs(app: web.Application, description: Callable[[], Json]) -> None:
    """Serve the description and its page from the root of the application."""
    add_description(app, "/openapi.json", description)
    _serve(app, "/docs", _PAGE.encode, "text/html", {"Content-Security-Policy": PAGE_POLICY})
    for name, media_type in (("docs.css", "text/css"), ("docs.js", "text/javascript")):
        _serve(app, f"/docs/{name}", (_STATIC / name).read_bytes, media_type)


def add_description(app: web.Application, path: str, description: Callable[[], Json]) -> None:
    """Serve an OpenAPI description on a path of the application; it is made when it is first asked for."""

    def written() -> bytes:
        return json.dumps(description(), ensure_ascii=False).encode()

    _serve(app, path, written, "application/json")


def _serve(
    app: web.Application,
    path: str,
    make: Callable[[], bytes],
    media_type: str,
    headers: dict[str, str] | None = None,
) -> None:
    body = cache(make)

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body(), content_type=media_type, charset="utf-8", headers=headers)

    async def with_headers(request: web.Request) -> web.StreamResponse:
        return await api_middleware(request, answer)

    app.router.add_get(path, with_headers)
