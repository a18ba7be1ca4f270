"""Connections that can be broken off in the middle, as a real network does."""

import asyncio
import socket

from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_open: dict[object, asyncio.Transport] = {}


class BreakableHttp(HttpToolsProtocol):
    """Uvicorn's HTTP, remembering each client's connection so that `abort` can reset it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Remember the connection by the client's address."""
        super().connection_made(transport)
        # asyncio does this only for sockets made with an explicit protocol number; without it an answer waits 40 ms
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _open[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        _open.pop((self.client, self.server), None)
        super().connection_lost(exc)


async def abort(request: Request) -> None:
    """Reset the connection this request came by; nothing more reaches the client.

    Raises KeyError when another server than `app.make_server` runs the application.
    """
    _open[request.scope["client"], request.scope["server"]].abort()
    await asyncio.sleep(0)
