"""Connections that a fault can reset before the answer is sent."""

import asyncio
import socket

from starlette.requests import Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_open: dict[object, asyncio.Transport] = {}


class BreakableHttp(HttpToolsProtocol):
    """Uvicorn's HTTP protocol that registers each connection, so that `abort` can find and reset it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Register the connection under the addresses of client and server."""
        super().connection_made(transport)
        # asyncio sets TCP_NODELAY only on sockets created with an explicit protocol number; without it an answer is 40 ms late
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _open[self.client, self.server] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the connection from the register."""
        _open.pop((self.client, self.server), None)
        super().connection_lost(exc)


async def abort(request: Request) -> None:
    """Reset the connection of this request; the client receives nothing more.

    Raises KeyError when the application is not served by `app.make_server`.
    """
    _open[request.scope["client"], request.scope["server"]].abort()
    await asyncio.sleep(0)
