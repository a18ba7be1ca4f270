"""Listening for HTTP, also without a proxy in front: headers must arrive in time, idle connections close, and no header names our
software.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import hdrs, web, web_response
from aiohttp.web_protocol import RequestHandler

HEADERS_TIMEOUT_S: Final = 10.0
"""How long a new connection may take until the headers of its first request are complete."""

KEEPALIVE_TIMEOUT_S: Final = 75.0
"""How long a connection may take from one response to the next request; nginx keeps its own connections for 60 s."""

_silent: Final[set[RequestHandler]] = set()
"""New connections on which no request's headers have arrived yet."""

# A response to unreadable HTTP reaches no application, and aiohttp writes its own and Python's version into it.
web_response.SERVER_SOFTWARE = "jifen"  # type: ignore[attr-defined]  # imported there, not exported


@asynccontextmanager
async def listening(
    application: web.Application, host: str, port: int, *, reuse_port: bool = False
) -> AsyncIterator[int]:
    """Serve the application while the block runs and yield its port; port 0 takes a free one.

    With `reuse_port` other processes may listen on the same port. Raises OSError for a port in use.
    """
    application.middlewares.insert(0, _note_headers)
    application.on_response_prepare.append(_name_no_server)
    runner = web.AppRunner(
        application,
        access_log=None,
        handle_signals=False,
        shutdown_timeout=5,
        keepalive_timeout=KEEPALIVE_TIMEOUT_S,
    )
    await runner.setup()
    try:
        server = await asyncio.get_running_loop().create_server(
            lambda: _timed(runner), host, port, reuse_address=True, reuse_port=reuse_port
        )
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
    finally:
        await runner.cleanup()


@web.middleware
async def _note_headers(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    _silent.discard(request.protocol)
    return await handler(request)


async def _name_no_server(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.pop(hdrs.SERVER, None)


def _timed(runner: web.AppRunner) -> RequestHandler:
    """The protocol of a new connection, which closes it when no headers arrive: aiohttp itself would wait for ever."""
    if runner.server is None:
        raise ConnectionAbortedError("the server is closing")
    connection = runner.server()
    _silent.add(connection)
    asyncio.get_running_loop().call_later(HEADERS_TIMEOUT_S, _close_silent, connection)
    return connection


def _close_silent(connection: RequestHandler) -> None:
    if connection in _silent:
        _silent.discard(connection)
        connection.force_close()
