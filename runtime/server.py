"""The web server: webhook, both APIs, the page of clerks and public pages in one aiohttp application, with health checks."""

from collections.abc import Awaitable, Callable
from time import perf_counter

import structlog
from aiohttp import web

from base import gauges
from base.settings import FAIR_PATH
from bot import app as bot
from clerk import app as clerk
from miniapp_api import app as miniapp_api
from miniapp_api import page as member_page
from miniapp_api import pictures as member_pictures
from partner_api import app as partner_api
from public import app as public
from runtime.readiness import readiness
from runtime.resources import RESOURCES, Resources
from web.counts import COUNTS, Counts
from web.limits import LIMITS, Limits, RateLimit
from web.middleware import assign_request_id


def create_server(resources: Resources) -> web.Application:
    """The application of the webhook, both APIs, and the pages of clerks, members and everybody. Bodies have 64 KiB at most."""
    server = web.Application(middlewares=[count], client_max_size=64 * 1024)
    server[RESOURCES] = resources
    settings = resources.settings
    server[LIMITS] = Limits(RateLimit(settings.member_per_minute), RateLimit(settings.address_per_minute))
    server[COUNTS] = Counts(resources.redis)
    server.router.add_get("/healthz", healthz)
    server.router.add_get("/readyz", readyz)
    bot.mount(server)
    miniapp_api.mount(server)
    member_page.mount(server)
    member_pictures.mount(server)
    partner_api.mount(server)
    clerk.mount(server)
    public.mount(server)
    return server


@web.middleware
async def count(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Give the request an id for the logs; count responses and their time by entry point, never by member or path parameter."""
    status = 500
    began = perf_counter()
    structlog.contextvars.bind_contextvars(
        request_id=assign_request_id(request)
    )  # until the next request of the connection
    try:
        response = await handler(request)
        status = response.status
        return response
    except web.HTTPException as refused:
        status = refused.status
        if status == 404:
            bot.warn_of_wrong_path(request)
        raise
    finally:
        gauges.http_response(_entry_point(request.path), status, perf_counter() - began)


def _entry_point(path: str) -> str:
    if path.startswith("/api"):
        return "api"
    if path.startswith("/partner"):
        return "partner"
    if path.startswith("/clerk"):
        return "clerk"
    if path.startswith(FAIR_PATH):
        return "public"
    return "wechat" if path.startswith("/wechat") else "other"


async def healthz(_request: web.Request) -> web.Response:
    """Answer 200: the process is alive."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Answer 200 when the database and its schema are there and the clock is right, else 503 with what is missing.

    Without Redis a server still answers members, so a Redis that is away, silent or full does not take it out of the load balancer;
    the answer names it as degraded.
    """
    found = await readiness(request.app[RESOURCES])
    degraded = {} if found.redis else {"degraded": ["redis"]}
    if found.missing:
        missing = list(found.missing)
        return web.json_response({"status": "not_ready", "missing": missing, **degraded}, status=503)
    return web.json_response({"status": "ready", **degraded})
