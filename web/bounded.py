"""Reading a request's raw body within limits of size and time, so that no client holds memory or a connection for long."""

import asyncio

from aiohttp import web


class BodyNotRead(Exception):
    """Reading the body stopped before its end.

    BodyNotRead
    ├── BodyOverLimit   more bytes than allowed, in Content-Length or sent
    ├── BodyTooLate     it did not arrive in time
    └── BodyCut         the client disconnected, or the content encoding is broken
    """


class BodyOverLimit(BodyNotRead):
    """More bytes than allowed."""


class BodyTooLate(BodyNotRead):
    """The body did not arrive in time."""


class BodyCut(BodyNotRead):
    """The client disconnected in the middle, or the content encoding is broken."""


async def read_bounded(request: web.Request, limit_bytes: int, timeout_s: float) -> bytes:
    """The decoded body: at most `limit_bytes`, and arrived within `timeout_s`. Raises BodyNotRead."""
    if (request.content_length or 0) > limit_bytes:
        raise BodyOverLimit(f"{request.content_length} bytes announced")
    if request.content.is_eof():  # small bodies arrive in one packet with the headers: no timeout is needed
        whole = request.content.read_nowait()
        if len(whole) > limit_bytes:
            raise BodyOverLimit(f"{len(whole)} bytes")
        return whole
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            async for part in request.content.iter_any():
                body += part
                if len(body) > limit_bytes:
                    raise BodyOverLimit("more than announced")
    except TimeoutError as error:
        raise BodyTooLate(f"incomplete after {timeout_s} s") from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise BodyCut(str(error)) from error
    return bytes(body)
