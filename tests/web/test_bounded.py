"""Raw bodies: within bounds or a named refusal."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from jifen.web.bounded import BodyNotRead, read_bounded


async def whole(request: web.Request) -> web.StreamResponse:
    """What became of the body: its length, or the name of what was wrong."""
    try:
        return web.Response(text=str(len(await read_bounded(request, 10, 0.2))))
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
        (dripping(2, 0.3), {}, "BodyTooLate"),
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
