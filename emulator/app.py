"""The emulator as one web application: the platform's paths, the control API, and the phone page."""

import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from emulator import control_http, platform_http
from emulator.config import EmulatorConfig
from emulator.connections import BreakableHttp
from emulator.database import Database
from emulator.envelope import Envelope
from emulator.errors import ControlRefused
from emulator.phone import mount_phone
from emulator.templates import load_templates
from emulator.world import World

HOST = "127.0.0.1"
GRACE_S = 2
KEEP_ALIVE_S = 60
"""Longer than our clients keep an idle connection: a request sent just as the server closes its connection gets no answer."""


def create_app(
    config: EmulatorConfig,
    now: Callable[[], datetime],
    advance: Callable[[int], object],
    *,
    phone_page: bool = True,
) -> FastAPI:
    """The application. `now` returns the demo's time (aware UTC), `advance` moves it forward by seconds.

    NiceGUI serves one application per process: pass `phone_page=False` to create several in one process.

    Raises ValueError for a malformed EncodingAESKey.
    """
    Envelope(config.oa_encoding_aes_key, config.oa_app_id)
    world = World(
        config=config,
        database=Database(config.database_path),
        now=now,
        advance=advance,
        templates=load_templates(),
        http=httpx.AsyncClient(
            verify=_tls_context(),
            trust_env=False,
            timeout=None,  # noqa: S113 -- asyncio.timeout limits every push
            limits=httpx.Limits(max_connections=None),
        ),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await world.close()

    app = FastAPI(title="WeChat emulator", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.world = world
    # not include_router, which would create every route a second time
    app.router.routes += platform_http.router.routes
    app.router.routes += control_http.router.routes
    app.add_api_route("/healthz", _healthz)
    app.add_exception_handler(ControlRefused, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    if phone_page:
        mount_phone(app, config)
    return app


@cache
def _tls_context() -> ssl.SSLContext:
    """The trusted certificates, cached: loading the bundle takes long, and tests create many applications."""
    return httpx.create_ssl_context(trust_env=False)


def make_server(app: FastAPI, port: int, host: str = HOST) -> uvicorn.Server:
    """A server for the application, not started, without access log. Faults can reset its connections."""
    return uvicorn.Server(
        uvicorn.Config(
            app, host=host, port=port, http=BreakableHttp, log_level="warning", access_log=False,
            proxy_headers=False, timeout_graceful_shutdown=GRACE_S, timeout_keep_alive=KEEP_ALIVE_S,
        )
    )  # fmt: skip


async def serve(
    app: FastAPI, port: int, host: str = HOST, sockets: list[socket.socket] | None = None
) -> None:
    """Serve until SIGINT or SIGTERM."""
    await make_server(app, port, host).serve(sockets)


async def _healthz() -> dict[str, str]:
    """Whether the emulator is alive."""
    return {"status": "ok"}


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ControlRefused):
        raise error
    return JSONResponse({"detail": error.detail}, status_code=error.status)


async def _invalid(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise error
    return JSONResponse({"detail": _explain(error)}, status_code=422)


def _explain(error: RequestValidationError) -> str:
    problems = [_problem(found) for found in error.errors()]
    return "请求内容不正确：" + "；".join(problems)


def _problem(found: dict[str, object]) -> str:
    place = found.get("loc")
    names = [str(part) for part in place if part != "body"] if isinstance(place, tuple) else []
    kind = str(found.get("type"))
    words = _PROBLEM_TEXTS.get(kind, "不符合要求")
    if kind == "value_error":
        words = str(found.get("msg", "")).removeprefix("Value error, ")
    return f"{'.'.join(names)} {words}".strip()


_PROBLEM_TEXTS = {
    "missing": "没有给出",
    "extra_forbidden": "不是认识的字段",
    "json_invalid": "不是 JSON",
    "model_attributes_type": "要是 JSON 对象",
    "string_type": "要是字符串",
    "string_too_short": "太短",
    "string_too_long": "太长",
    "int_type": "要是整数",
    "int_parsing": "要是整数",
    "bool_type": "要是 true 或 false",
    "greater_than": "太小",
    "greater_than_equal": "太小",
    "less_than_equal": "太大",
}
