"""The middleware of the JSON APIs: request ids, security headers, and every error as a problem."""

import re
import secrets
from collections.abc import Mapping
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from tortoise.exceptions import DBConnectionError

from base.clock import ClockOff
from base.logs import places
from loyalty.engine.transactions import EngineUnavailable, is_transient
from loyalty.programme.in_force.live import NoRulesPublished
from web.answers import REPLAYED
from web.problems import BY_STATUS, INTERNAL_ERROR, UNAVAILABLE, Kind, Problem, problem_response

REQUEST_ID_HEADER: Final = "X-Request-Id"
REQUEST_ID: Final = web.RequestKey("request_id", str)
SECURITY_HEADERS: Final = (
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)

RETRY_AFTER_S: Final = 2
CLOCK_RETRY_AFTER_S: Final = 30
"""A clock that is off stays so until somebody, or NTP, sets it."""

_REQUEST_ID: Final = re.compile(r"[0-9A-Za-z._-]{8,64}")
log = structlog.get_logger(__name__)


@web.middleware
async def api_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error as a problem, and give each answer its request id and security headers.

    The log receives a request's id, method and route, and neither its headers nor its body.
    """
    request_id = request.get(REQUEST_ID) or assign_request_id(request)
    response = await _answer(request, handler, request_id)
    headers = response.headers
    for name, value in SECURITY_HEADERS:
        headers.setdefault(name, value)
    headers[REQUEST_ID_HEADER] = request_id
    return response


def api_middleware_below(prefix: str) -> Middleware:
    """`api_middleware` for `prefix` and for every path below it, with or without a route."""
    below = f"{prefix}/"

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(below) or request.path == prefix:
            return await api_middleware(request, handler)
        return await handler(request)

    return middleware


async def _answer(request: web.Request, handler: Handler, request_id: str) -> web.StreamResponse:
    try:
        return await handler(request)
    except Problem as problem:
        if problem.replayed:
            problem.headers.update(REPLAYED)
        return problem_response(problem, request_id)
    except web.HTTPException as error:
        if error.status < web.HTTPBadRequest.status_code:
            raise
        return problem_response(_of_http(error), request_id)
    except Exception as error:  # noqa: BLE001  # whatever fails, the client gets a 503 or a 500
        if is_unavailable(error):
            log.warning("unavailable", route=_route(request), error=type(error).__name__)
            seconds = CLOCK_RETRY_AFTER_S if isinstance(error, ClockOff) else RETRY_AFTER_S
            unavailable = Problem(
                UNAVAILABLE, "请稍后再试，同一个请求可以放心重发。", headers={"Retry-After": str(seconds)}
            )
            return problem_response(unavailable, request_id)
        log.error(
            "request_failed",
            route=_route(request),
            error=type(error).__name__,
            at=places(error.__traceback__),
        )
        return problem_response(Problem(INTERNAL_ERROR, "请稍后再试。"), request_id)


def is_unavailable(error: Exception) -> bool:
    """Whether the error means that a server is unavailable or busy, and not that our code is wrong."""
    return isinstance(
        error, EngineUnavailable | NoRulesPublished | DBConnectionError | ClockOff
    ) or is_transient(error)


def _of_http(error: web.HTTPException) -> Problem:
    kind = BY_STATUS.get(error.status, Kind(f"http_{error.status}", error.status, "请求没有成功"))
    return Problem(kind, headers=_kept(error.headers))


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in ("Allow", "Retry-After") if name in headers}


def assign_request_id(request: web.Request) -> str:
    """Give the request its id: the client's `X-Request-Id` if it is well formed, else a random one."""
    offered = request.headers.get(REQUEST_ID_HEADER)
    accepted = _REQUEST_ID.fullmatch(offered) if offered else None
    request_id = request[REQUEST_ID] = accepted[0] if accepted else secrets.token_hex(8)
    return request_id


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return f"{request.method} {resource.canonical if resource else '?'}"
