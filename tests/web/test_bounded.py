"""Raw bodies: within bounds or a named refusal."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from runtime.listening import listening
from web.bounded import BodyNotRead, read_bounded

PATIENCE_S = 30.0


async def whole(request: web.Request, patience_s: float = PATIENCE_S) -> web.StreamResponse:
    """What became of the body: its length, or the name of what was wrong."""
    try:
        return web.Response(text=str(len(await read_bounded(request, 10, patience_s))))
    except BodyNotRead as error:
        return web.Response(text=type(error).__name__)


async def dripping(parts: int, pause_s: float) -> AsyncIterator[bytes]:
    for _ in range(parts):
        yield b"abcde"
        await asyncio.sleep(pause_s)


@pytest.mark.parametrize(
    ("data", "headers", "expected"),
    [
        (b"", {}, "0"),
        (b"0123456789", {}, "10"),
        (b"0123456789x", {}, "BodyOverLimit"),
        (dripping(2, 0), {}, "10"),
        (dripping(3, 0), {}, "BodyOverLimit"),
        (b"no gzip", {"Content-Encoding": "gzip"}, "BodyCut"),
    ],
)
async def test_a_body(data: bytes | AsyncIterator[bytes], headers: dict[str, str], expected: str) -> None:
    app = web.Application()
    app.router.add_post("/", whole)
    async with (
        TestClient(TestServer(app)) as client,
        client.post("/", data=data, headers=headers, skip_auto_headers=()) as answer,
    ):
        assert await answer.text() == expected


async def test_a_body_that_dawdles() -> None:
    async def hurried(request: web.Request) -> web.StreamResponse:
        return await whole(request, 0.1)

    app = web.Application()
    app.router.add_post("/", hurried)
    async with TestClient(TestServer(app)) as client, client.post("/", data=dripping(2, 0.5)) as answer:
        assert await answer.text() == "BodyTooLate"


async def test_a_sender_that_vanishes_in_the_middle() -> None:
    came_to: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def told(request: web.Request) -> web.StreamResponse:
        answer = await whole(request)
        assert isinstance(answer, web.Response)
        came_to.set_result(answer.text or "")
        return answer

    app = web.Application()
    app.router.add_post("/", told)
    async with listening(app, "127.0.0.1", 0) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabcde")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()
        assert await asyncio.wait_for(came_to, PATIENCE_S / 2) == "BodyCut"
