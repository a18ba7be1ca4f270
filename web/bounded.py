"""A request's raw body, read within bounds of size and time, so that nobody's request holds anything for long."""

import asyncio

from aiohttp import web


class BodyNotRead(Exception):
    """The body was not read to its end.

    BodyNotRead
    ├── BodyOverLimit   more bytes than allowed, announced or sent
    ├── BodyTooLate     it did not end in time
    └── BodyCut         the sender went away in the middle, or the packing was broken
    """


class BodyOverLimit(BodyNotRead):
    """More bytes than allowed."""


class BodyTooLate(BodyNotRead):
    """The body did not end in time."""


class BodyCut(BodyNotRead):
    """The body broke off."""


async def read_bounded(request: web.Request, limit_bytes: int, within_s: float) -> bytes:
    """The body, unpacked, of at most `limit_bytes`, all of it here `within_s` seconds. Raises BodyNotRead."""
    if (request.content_length or 0) > limit_bytes:
        raise BodyOverLimit(f"{request.content_length} bytes announced")
    if request.content.is_eof():  # it came with its head, as small ones do
        whole = request.content.read_nowait()
        if len(whole) > limit_bytes:
            raise BodyOverLimit(f"{len(whole)} bytes")
        return whole
    body = bytearray()
    try:
        async with asyncio.timeout(within_s):
            async for part in request.content.iter_any():
                body += part
                if len(body) > limit_bytes:
                    raise BodyOverLimit("more than announced")
    except TimeoutError as error:
        raise BodyTooLate(f"not whole after {within_s} s") from error
    except (web.RequestPayloadError, ConnectionError) as error:
        raise BodyCut(str(error)) from error
    return bytes(body)
